"""How the gallery looks and what its one script does. Colours and letters are those of the report's page."""

from __future__ import annotations

# On a telephone the levels lie side by side, to be wiped through; a part of the next one shows that there is more.
STYLE = """
main{max-width:1560px}
.lead{margin-bottom:18px}
.filters{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:10px 14px;align-items:center;
  background:var(--back);padding:12px 0 14px;margin:0 0 10px;border-bottom:1px solid var(--rule)}
.filters[hidden]{display:none}
.filters input[type=search],.filters select{font:inherit;font-size:14px;color:var(--text);
  background:var(--card);border:1px solid var(--edges);border-radius:8px;padding:7px 10px;min-width:0}
.filters input[type=search]{flex:1 1 200px;max-width:300px}
.filters select{max-width:170px}
.buckets{display:flex;flex-wrap:wrap;gap:6px;border:0;margin:0;padding:0;min-width:0}
.buckets label{cursor:pointer}
.buckets input{position:absolute;opacity:0}
.buckets span{display:inline-block;font-size:13.5px;line-height:1.3;padding:6px 11px;
  border:1px solid var(--edges);border-radius:999px;background:var(--card);white-space:nowrap}
.buckets small{color:var(--dim);font-size:12px;margin-left:5px;font-variant-numeric:tabular-nums}
.buckets input:checked+span{background:var(--text);border-color:var(--text);color:var(--back)}
.buckets input:checked+span small{color:inherit;opacity:.75}
.buckets input:focus-visible+span,.filters :is(input,select,button):focus-visible,summary:focus-visible,
  .question:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.count{color:var(--dim);font-size:13.5px;margin-left:auto;font-variant-numeric:tabular-nums;white-space:nowrap}
.none{padding:48px 0;text-align:center;color:var(--dim)}
.none button{font:inherit;color:var(--text);background:var(--card);border:1px solid var(--edges);
  border-radius:8px;padding:7px 14px;margin-left:8px;cursor:pointer}
.environment{background:var(--card);border:1px solid var(--rule);border-radius:12px;padding:20px 22px 18px;
  margin:0 0 20px;scroll-margin-top:80px}
.environment[hidden],.none[hidden]{display:none}
.head{display:flex;flex-wrap:wrap;gap:10px 28px;align-items:flex-start;justify-content:space-between;
  margin:0 0 16px}
.head>div{flex:1 1 320px;min-width:0}
.head h2{font-size:19px;line-height:1.3;margin:0;overflow-wrap:anywhere}
.asks{margin:2px 0 0;color:var(--dim);overflow-wrap:anywhere}
.figures{display:flex;flex-wrap:wrap;gap:6px 22px;margin:0;font-variant-numeric:tabular-nums}
.figures dt{font-size:12px;color:var(--dim)}
.figures dd{margin:0;font-size:14.5px;font-weight:600;line-height:1.5}
.strip{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:0 20px}
.shot{display:grid;grid-row:span 4;grid-template-rows:subgrid;gap:10px;align-content:start;min-width:0}
.level{margin:0;font-size:13px;line-height:1.4;color:var(--dim);overflow-wrap:anywhere}
.level b{color:var(--text);font-weight:650}
.text .shot{grid-row:span 3}
.picture{margin:0;align-self:start}
.picture img{display:block;width:100%;height:auto;border-radius:8px;border:1px solid var(--rule)}
.question{margin:0;font-size:14px;line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere;max-height:19em;
  overflow-y:auto}
.text .question{max-height:23em;background:var(--back);border-radius:8px;padding:12px 14px}
.problem{margin:0;font-size:13.5px;color:var(--bad);border:1px dashed currentColor;border-radius:8px;
  padding:14px;overflow-wrap:anywhere}
.strip>.problem{grid-column:1/-1}
.shot details{margin:0;font-size:14px}
.shot summary{padding:2px 0;width:max-content}
.answer{margin:6px 0 0;font:13.5px/1.5 ui-monospace,'DejaVu Sans Mono',monospace;color:var(--text);
  white-space:pre-wrap;overflow-wrap:anywhere;max-height:14em;overflow-y:auto}
.foot{display:flex;flex-wrap:wrap;gap:6px 8px;align-items:center;margin:16px 0 0;padding:12px 0 0;
  border-top:1px solid var(--rule);font-size:12.5px;color:var(--dim)}
.tag{border:1px solid var(--rule);border-radius:999px;padding:1px 9px;overflow-wrap:anywhere}
.bucket{display:inline-flex;align-items:center;gap:6px;font-weight:600;color:var(--text);margin-right:6px}
.bucket::before{content:'';width:9px;height:9px;border-radius:50%;background:var(--hue,var(--dim))}
.foot code{margin-left:auto}
:root{--edges:#c9ced6;--focus:#0072b2}
@media (prefers-color-scheme:dark){
  :root{--edges:#3a424f;--focus:#58aeea}
}
.b-counting{--hue:#0072b2}
.b-diagram{--hue:#d55e00}
.b-mathematical{--hue:#009e73}
.b-pattern{--hue:#b0559a}
.b-spatial{--hue:#b57b00}
@media (max-width:980px){
  .filters{position:static}
  .strip{grid-template-columns:repeat(2,minmax(0,1fr));gap:26px 20px}
}
@media (max-width:560px){
  .filters input[type=search]{flex-basis:100%;max-width:none}
  .filters select{flex:1 1 40%;max-width:none}
  .count{margin-left:0}
  .environment{padding:16px 14px 14px;border-radius:10px}
  .head h2{font-size:18px}
  .strip{grid-template-columns:repeat(4,84%);overflow-x:auto;scroll-snap-type:x proximity;gap:0 14px;
    margin:0 -14px;padding:0 14px 8px;scroll-padding:0 14px}
  .shot{scroll-snap-align:start}
  .foot code{margin-left:0;width:100%}
}
@media print{
  .filters{display:none}
  .environment{break-inside:avoid}
}
"""

# No "<" and no "&" in it, so that the page is well-formed XML too.
SCRIPT = """
"use strict";
(() => {
  const one = (name) => document.querySelector(name);
  const cards = Array.from(document.querySelectorAll("article"));
  const texts = cards.map((card) => card.textContent.toLowerCase());
  const bar = one(".filters"), none = one(".none"), count = one(".count");
  const fits = (wanted, held) => wanted === "" ? true : held.split(" ").includes(wanted);
  const show = () => {
    const bucket = one("input[name=bucket]:checked").value;
    const words = one("#search").value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
    let shown = 0;
    cards.forEach((card, place) => {
      const tests = [
        fits(bucket, card.dataset.bucket),
        fits(one("#tag").value, card.dataset.tags),
        fits(one("#status").value, card.dataset.status),
        words.every((word) => texts[place].includes(word)),
      ];
      card.hidden = tests.includes(false);
      shown += card.hidden ? 0 : 1;
    });
    count.textContent = shown === cards.length ? shown + " environments" : shown + " of " + cards.length;
    none.hidden = shown !== 0;
  };
  bar.addEventListener("input", show);
  one(".none button").addEventListener("click", () => { bar.reset(); show(); });
  bar.addEventListener("submit", (event) => event.preventDefault());
  bar.hidden = false;
  show();
})();
"""
