"""Every class and function in a namespace of a public header has a `///` comment (STYLE, 7).

A comment serves the declarations below it up to the next empty line. Forward declarations and
namespaces that are anonymous or called `detail` need none; members are explained with their class.
"""

import re
import sys

from files import code_files, report

FOLDERS = {"core", "neurons", "encoding", "learning", "chips", "conversion", "app"}
TYPE = re.compile(r"(?:class|struct|enum(?: class)?|union|concept)\s+(\w+)")
OTHER = re.compile(r"(?:using|friend|static_assert|extern|inline constexpr|HWY_|RANVIER_|})")
FUNCTION = re.compile(r"([\w~]+|operator\S+)\s*\(")
TEMPLATE = re.compile(r"template\s*<[^{;()]*>\s*(?:requires[^{;]*)?")
NOT_CODE = re.compile(r'//.*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'')
RAW_TEXT = re.compile(r'R"(\w*)\(.*?\)\1"', re.S)


def declared(text):
    """The name that a declaration introduces and that needs a comment, or None."""
    text = TEMPLATE.sub("", text)
    if found := TYPE.match(text):
        return found[1] if "{" in text or "concept" in text else None
    found = FUNCTION.search(text)
    return found[1] if found and not OTHER.match(text) else None


def faults_of(name, content):
    depth, spaces, documented, text = 0, [], False, ""
    content = RAW_TEXT.sub(lambda raw: '""' + "\n" * raw[0].count("\n"), content)
    for number, raw in enumerate(content.splitlines(), 1):
        public = depth == len(spaces) and not any(spaces)
        if public and (not raw.strip() or raw.startswith("///")):
            documented = bool(raw.strip())
        code = NOT_CODE.sub("", raw).strip()
        if public and code and not re.match(r"#|namespace\b|}", code):
            text += " " + code
            if re.search(r"[;{]", code):
                found = declared(text.strip())
                if found and not documented and "///<" not in raw:
                    yield f"{name}:{number}: {found} has no /// comment"
                text = ""
        for opened, brace in re.findall(r"(namespace[^{;]*)?([{}])", code):
            depth += 1 if brace == "{" else -1
            if opened:
                spaces.append(opened.strip() == "namespace" or "detail" in opened)
            del spaces[max(depth, 0) :]


if __name__ == "__main__":
    headers = [(n, p) for n, p in code_files(".h") if n.split("/")[0] in FOLDERS]
    sys.exit(report([f for name, path in headers for f in faults_of(name, path.read_text())]))
