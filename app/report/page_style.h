// Style and script of the report page. Colours are Okabe and Ito's palette (Color Universal Design,
// 2008), which colour-blind readers can tell apart, with lighter tones on dark ground. The script
// moves the slider of event images, nothing else; the page is complete without it.
#pragma once

namespace ranvier::app {

inline constexpr const char page_style[] = R"css(
:root{color-scheme:light dark;--ground:#fbfbf9;--card:#fff;--ink:#1d2126;--soft:#5d6670;--rule:#e2e4e6;
--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b0578f;--c4:#c98a00;--c5:#3d9bd1;--c6:#4b5056}
@media (prefers-color-scheme:dark){:root{--ground:#14171b;--card:#1c2026;--ink:#e6e8ea;--soft:#9aa4ae;--rule:#333a42;
--c0:#56b4e9;--c1:#ff8a3d;--c2:#2fc79b;--c3:#e29ac4;--c4:#f0c030;--c5:#9cc9ff;--c6:#c3c9cf}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:66rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:.4rem 0 0;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:0 0 .6rem}h3{font-size:.95rem;margin:.6rem 0 .3rem}
header p{margin:.2rem 0;color:var(--soft)}.digest{font:.75rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--rule);border-radius:.6rem;padding:1rem;margin:1rem 0;min-width:0}
.note{color:var(--soft);font-size:.85rem;margin:.5rem 0 0}.wide{overflow-x:auto}.chart{min-width:30rem;max-width:none}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .7rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th:first-child,td:nth-child(2),th:nth-child(2){text-align:left}thead th{color:var(--soft);font-weight:600;font-size:.85rem}
svg{display:block;width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--soft)}svg .label{fill:var(--ink)}
.grid{stroke:var(--rule);fill:none}.line{fill:none;stroke:currentColor;stroke-width:1.4;stroke-linejoin:round}
.dots{fill:none;stroke:currentColor;stroke-width:1.7;stroke-linecap:round}.few{stroke-width:2.4}.cursor{fill:var(--ink);opacity:.14}
.legend{margin:.2rem 0 .4rem;font-size:.85rem;color:var(--soft)}.legend span{display:inline-block;margin-right:1rem}
.legend i,th i{display:inline-block;width:.8em;height:.8em;border-radius:.2em;margin-right:.4em;background:currentColor}
.c0{color:var(--c0)}.c1{color:var(--c1)}.c2{color:var(--c2)}.c3{color:var(--c3)}.c4{color:var(--c4)}.c5{color:var(--c5)}.c6{color:var(--c6)}
.on{color:#56b4ff}.off{color:#ff9f1c}
.frames img{display:block;width:100%;height:auto;image-rendering:pixelated;border-radius:.4rem}.frames img[hidden]{display:none}
.events{max-width:40rem}.events label{display:flex;gap:.6rem;align-items:center;font-size:.9rem}.events input{flex:1;min-width:6rem}
.events output{min-width:8.5em;font-variant-numeric:tabular-nums}
.pair{display:grid;gap:1rem}.beside{display:grid;gap:0 1rem}.pair>*,.beside>*{min-width:0}
@media (min-width:56rem){svg text{font-size:9px}.pair svg text,.beside svg text{font-size:12.5px}.pair{grid-template-columns:1fr 1fr}.beside{grid-template-columns:2fr 3fr}}
@media (max-width:40rem){svg text{font-size:17px}.chart{min-width:0}th,td{padding:.3rem .4rem;font-size:.85rem}section{padding:.8rem}}
)css";

inline constexpr const char page_script[] = R"js(
for(const input of document.querySelectorAll('.events input'))input.addEventListener('input',()=>{
const k=+input.value,n=+input.max,d=+input.dataset.duration,box=input.closest('.events');
box.querySelectorAll('img').forEach((image,i)=>{image.hidden=i!==k});
box.querySelector('output').textContent=k?`${+((k-1)*d/n).toFixed(1)} – ${+(k*d/n).toFixed(1)} ms`:'whole run';
for(const c of document.querySelectorAll('.cursor')){const w=c.dataset.width/n;c.setAttribute('x',k?+c.dataset.left+(k-1)*w:0);c.setAttribute('width',k?w:0)}
});
)js";

}  // namespace ranvier::app
