// The style of the page around the figures: a column of text, generous space, no ornament.
export const pageCss = `
*{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:1160px;padding:56px 32px 64px;font:17px/1.5 var(--serif)}
h1{font-size:40px;line-height:1.1;font-weight:500;letter-spacing:-.01em;margin:0}
h2{font-size:25px;line-height:1.2;font-weight:500;margin:0}
p{margin:0;text-wrap:pretty}
a{color:inherit;text-decoration-color:var(--muted);text-underline-offset:3px}
a:focus-visible{outline:2px solid var(--ink);outline-offset:4px}
.lede{margin-top:10px;color:var(--muted);font-size:18px}
.notice{margin-top:16px;padding-left:14px;border-left:3px solid var(--ink)}
.summary{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:20px 28px;list-style:none;
margin:36px 0 0;padding:0;font:15px/1.35 var(--sans)}
.summary a{display:block;text-decoration:none;border-top:2px solid var(--accent);padding-top:12px}
.summary b{display:block;font:400 44px/1.05 var(--serif);letter-spacing:-.02em;color:var(--accent);
font-variant-numeric:lining-nums;margin-bottom:6px}
.summary b span{font-size:.7em;margin-left:2px}
.summary .unsure b{color:var(--muted)}
.summary small span{white-space:nowrap}
.summary small{display:block;font-size:inherit;color:var(--muted)}
section{margin-top:72px}
.description{color:var(--muted);margin-top:4px}
.outcome{margin-top:14px;max-width:46em}
.findings{margin:10px 0 0;padding-left:1.1em;max-width:50em;font-size:16px;color:var(--muted)}
.findings li{margin-top:3px}
.notes{margin-top:14px;color:var(--muted);font-size:15px;max-width:54em}
div.figure{display:grid;grid-template-columns:repeat(auto-fit,minmax(290px,1fr));gap:32px 36px;margin-top:30px}
@media (min-width:900px){div.figure.n4{grid-template-columns:repeat(2,minmax(0,420px));gap:36px 72px}}
.machine.beside{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,420px);gap:0 56px;align-items:start}
.machine.beside dl{grid-template-columns:repeat(auto-fill,minmax(240px,1fr))}
.machine.beside div.figure{margin-top:22px}
.figure svg{display:block;width:100%;max-width:460px;height:auto;overflow:visible}
.figure .point{outline:none;cursor:default}
.figure .point:focus .ring,.figure .point:hover .ring{stroke:var(--accent);stroke-width:1.5}
.figure .point:focus .tell,.figure .point:hover .tell,.figure .last .tell{visibility:visible}
.figure .last .tell{fill:var(--muted)}
.figure .last:focus .tell,.figure .last:hover .tell{fill:var(--accent)}
.figure svg:has(.point:hover) .point:not(:hover) .tell,
.figure svg:has(.point:focus):not(:has(.point:hover)) .point:not(:focus) .tell{visibility:hidden}
table{border-collapse:collapse;width:100%;margin-top:26px;font:14px/1.35 var(--sans);font-variant-numeric:tabular-nums}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:8px 0 8px 18px;text-align:right;font-weight:400;white-space:nowrap}
th:first-child,td:first-child{padding-left:0;text-align:left}
thead th{color:var(--muted);font-size:13px;vertical-align:bottom;white-space:normal;border-bottom:1px solid var(--muted)}
tbody tr+tr>*{border-top:1px solid var(--rule)}
.points tbody th{font-weight:600}
.raw td:last-child,.raw th:last-child{text-align:left;white-space:normal;padding-left:32px}
.raw td:last-child{word-spacing:.35em}
.peers td:nth-child(2),.peers th:nth-child(2){text-align:left}
.phone{display:none}
code{font:.93em ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:18px 36px;margin:22px 0 0;font:15px/1.4 var(--sans)}
dt{color:var(--muted);font-size:13px}
dd{margin:2px 0 0;overflow-wrap:anywhere}
.downloads{margin-top:18px;font:15px var(--sans);word-spacing:1em}
footer{margin-top:72px;padding-top:18px;border-top:1px solid var(--rule);color:var(--muted);font-size:15px}
footer p{max-width:54em}
@media screen and (max-width:720px){
body{padding:32px 20px 48px;font-size:16px}
h1{font-size:32px}
section{margin-top:56px}
.summary{grid-template-columns:1fr;gap:0;margin-top:24px}
.summary a{display:grid;grid-template-columns:6.8em 1fr;align-items:baseline;border-top-width:1px;padding:12px 0}
.summary b{font-size:32px;grid-row:span 2;margin:0}
table,tbody,tr,th,td{display:block;text-align:left}
thead{display:none}
tbody tr{display:grid;grid-template-columns:1fr 1fr 1fr;gap:6px 14px;padding:16px 0}
tbody tr+tr{border-top:1px solid var(--rule)}
tbody tr+tr>*{border-top:0}
tbody th,tbody td{padding:0!important}
tbody th{grid-column:1/-1;font-size:16px;font-weight:600}
td::before{content:attr(data-name);display:block;color:var(--muted);font-size:12px}
.phone{display:inline}
.raw td:last-child,.peers td:nth-child(2){grid-column:1/-1}
td,th{white-space:normal}
.machine.beside{display:block}
dl{grid-template-columns:1fr 1fr;gap:14px 20px}
}
@media print{
:root{--paper:#fff}
@page{margin:14mm}
body{padding:0;max-width:none;font-size:11pt}
h1{font-size:24pt}
section{margin-top:28pt}
section,figure,svg,tr,.summary li{break-inside:avoid}
h2,.description,.outcome{break-after:avoid}
div.figure{grid-template-columns:repeat(3,1fr);gap:14pt}
div.figure.n4{grid-template-columns:repeat(2,1fr)}
div.figure.n1{grid-template-columns:60%}
.machine.beside{display:block}
.summary{grid-template-columns:repeat(3,1fr)}
.summary b{font-size:28pt}
.findings,.notes{font-size:10pt}
table{font-size:8pt}
thead th{font-size:7.5pt}
th,td{padding:3pt 0 3pt 7pt}
.downloads{display:none}
a{text-decoration:none}
}
`
