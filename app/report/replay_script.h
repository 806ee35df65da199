// Style, controls and script of the replay page. Everything that is drawn follows from the time of
// the slider: `draw(ms)` paints the events of (ms - span, ms] on one canvas, marks that stretch in
// the raster, and writes the numbers of both into the page, where tests read them. Colours are
// those of app/report/page_style.h.
#pragma once

namespace ranvier::app {

inline constexpr const char replay_style[] = R"css(
.replay{display:grid;gap:0 1rem}.replay>*{min-width:0}canvas{display:block;width:100%;border-radius:.4rem}
#frame{background:#181a1f;image-rendering:pixelated;object-fit:contain;max-height:34rem}#raster{height:24rem}
.controls{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:center;position:sticky;top:0;z-index:1}
.controls input{flex:1 1 14rem;min-width:8rem}.controls button,.controls select{font:inherit;padding:.2rem .8rem;color:inherit;
background:var(--ground);border:1px solid var(--rule);border-radius:.4rem}.controls button{min-width:5rem}
.controls output{min-width:9rem;font-variant-numeric:tabular-nums}.legend output{font-variant-numeric:tabular-nums}
@media (min-width:56rem){.replay{grid-template-columns:2fr 3fr}}
)css";

inline constexpr const char replay_controls[] = R"html(<section class="controls">
<button id="play">Play</button><input id="time" type="range" min="0" value="0" aria-label="time">
<output id="now"></output>
<label>speed <select id="speed"><option value="0.05">1/20</option><option value="0.2">1/5</option><option value="1" selected>1</option><option value="4">4</option></select></label>
<label>span <select id="span"><option value="10">10 ms</option><option value="33" selected>33 ms</option><option value="100">100 ms</option><option value="500">500 ms</option></select></label>
</section>
)html";

inline constexpr const char replay_script[] = R"js(
'use strict';
const data=JSON.parse(document.getElementById('data').textContent),by=id=>document.getElementById(id);
const words=text=>{const s=atob(text),b=new Uint8Array(s.length);for(let i=0;i<s.length;i++)b[i]=s.charCodeAt(i);return new Uint32Array(b.buffer)};
for(const train of [data.input,...data.outputs]){train.times=words(train.times);train.neurons=words(train.neurons)}
const frame=by('frame'),raster=by('raster'),time=by('time'),span=by('span'),pixels=data.width*data.height;
frame.width=data.width;frame.height=data.height;frame.style.aspectRatio=data.width+'/'+data.height;
time.max=Math.ceil(data.duration);
// First index whose time is later than ms.
const after=(times,ms)=>{let a=0,b=times.length;while(a<b){const m=(a+b)>>1;if(times[m]*data.unit>ms)b=m;else a=m+1}return a};
const stretch=(train,ms)=>[after(train.times,ms-+span.value),after(train.times,ms)];
function drawFrame(ms){
 const context=frame.getContext('2d'),image=context.createImageData(data.width,data.height),p=image.data,[from,to]=stretch(data.input,ms);
 for(let i=0;i<p.length;i+=4){p[i]=24;p[i+1]=26;p[i+2]=31;p[i+3]=255}
 for(let i=from;i<to;i++){
  const n=data.input.neurons[i],on=data.polarity==='split'?n>=pixels:data.polarity!=='off',at=n%pixels*4;
  const age=(ms-data.input.times[i]*data.unit)/+span.value,light=1-.7*age;
  const colour=data.polarity==='both'?[240,240,240]:on?[86,180,255]:[255,159,28];
  for(let k=0;k<3;k++)p[at+k]=24+(colour[k]-24)*light}
 context.putImageData(image,0,0);
 by('events').textContent=`${to-from} events in ${span.value} ms`;
 return to-from}
const left=64,bottom=34,top0=6;
let picture=null;
function band(k,height){const n=data.outputs.length,h=(height-bottom-top0-6*(n-1))/n;return[top0+k*(h+6),h]}
function drawRaster(){
 const ratio=devicePixelRatio||1,box=raster.getBoundingClientRect(),w=Math.max(320,box.width),h=Math.max(160,box.height);
 raster.width=w*ratio;raster.height=h*ratio;
 const c=raster.getContext('2d'),css=getComputedStyle(document.body);c.scale(ratio,ratio);
 c.font='12px system-ui,sans-serif';c.fillStyle=css.getPropertyValue('--soft');c.textAlign='center';
 const x=ms=>left+(w-left-8)*ms/data.duration;
 let step=Math.pow(10,Math.floor(Math.log10(data.duration/4)));while(data.duration/step>8)step*=data.duration/step>20?5:2;
 for(let ms=0;ms<=data.duration;ms+=step)c.fillText(+ms.toPrecision(6),Math.min(Math.max(x(ms),left+8),w-18),h-bottom+16);
 c.fillText('time (ms)',(left+w)/2,h-4);c.textAlign='right';
 data.outputs.forEach((train,k)=>{
  const[y,high]=band(k,h);c.fillStyle=css.getPropertyValue('--rule');c.fillRect(left,y+high,w-left-8,1);
  c.fillStyle=css.getPropertyValue('--soft');c.fillText(train.size-1,left-6,y+10);if(train.size>1)c.fillText(0,left-6,y+high);
  c.fillStyle=css.getPropertyValue('--c'+train.colour%7);
  const size=Math.min(3,Math.max(1.2,high/train.size));
  for(let i=0;i<train.times.length;i++)c.fillRect(x(train.times[i]*data.unit),y+(high-size)*(1-(train.neurons[i]+.5)/train.size),size,size)});
 picture=c.getImageData(0,0,raster.width,raster.height)}
function drawCursor(ms){
 const ratio=devicePixelRatio||1,c=raster.getContext('2d'),w=raster.width/ratio,h=raster.height/ratio;
 c.putImageData(picture,0,0);
 const x=t=>left+(w-left-8)*Math.max(0,t)/data.duration;
 c.fillStyle=getComputedStyle(document.body).getPropertyValue('--ink');
 c.globalAlpha=.14;c.fillRect(x(ms-+span.value),0,x(ms)-x(ms-+span.value),h-bottom);c.globalAlpha=1;c.fillRect(x(ms),0,1,h-bottom);
 let all=0;
 data.outputs.forEach((train,k)=>{const[from,to]=stretch(train,ms);all+=to-from;document.querySelector(`[data-population="${k}"]`).textContent=to-from});
 return all}
function draw(ms){
 const events=drawFrame(ms),spikes=drawCursor(ms);
 by('now').textContent=`${ms.toFixed(0)} of ${data.duration.toFixed(0)} ms`;
 Object.assign(document.body.dataset,{time:ms.toFixed(0),events,spikes})}
let playing=null;
function play(from,begin,now){
 if(playing===null)return;
 const ms=from+(now-begin)*+by('speed').value;
 time.value=Math.min(ms,data.duration);draw(+time.value);
 if(ms>=data.duration)stop();else playing=requestAnimationFrame(t=>play(from,begin,t))}
function stop(){if(playing!==null)cancelAnimationFrame(playing);playing=null;by('play').textContent='Play'}
function start(){
 const from=+time.value>=Math.floor(data.duration)?0:+time.value;by('play').textContent='Pause';
 playing=requestAnimationFrame(begin=>{playing=requestAnimationFrame(t=>play(from,begin,t))})}
by('play').addEventListener('click',()=>playing===null?start():stop());
time.addEventListener('input',()=>{stop();draw(+time.value)});
by('speed').addEventListener('change',()=>{if(playing!==null){stop();start()}});
span.addEventListener('change',()=>draw(+time.value));
const there=()=>{const ms=parseFloat(location.hash.slice(1));if(ms>=0){stop();time.value=ms}draw(+time.value)};
addEventListener('hashchange',there);
addEventListener('resize',()=>{drawRaster();draw(+time.value)});
matchMedia('(prefers-color-scheme:dark)').addEventListener('change',()=>{drawRaster();draw(+time.value)});
time.value=data.duration/4;drawRaster();there();
)js";

}  // namespace ranvier::app
