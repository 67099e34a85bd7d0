// How figures and page look. Colours are CSS variables, so that one drawing serves light, dark, print.

/** How figures look. */
export const figureCss = `
.figure text{font:12px var(--sans);fill:var(--ink)}
.figure .title{font-weight:600;font-size:14px}
.figure .subtitle{font-weight:400;font-size:12px;fill:var(--muted)}
.figure .tick{fill:var(--muted);font-size:12px;font-variant-numeric:tabular-nums}
.figure .name{fill:var(--accent)}
.figure .halo{paint-order:stroke;stroke:var(--paper);stroke-width:5px;stroke-linejoin:round}
.figure .grid{stroke:var(--rule);fill:none}
.figure .axis{stroke:var(--muted);fill:none}
.figure .ideal{stroke:var(--muted);stroke-dasharray:1 4;stroke-linecap:round;stroke-width:1.5;fill:none}
.figure .model{stroke:var(--muted);stroke-width:1;fill:none}
.figure .roof{stroke:var(--muted);stroke-width:1.5;fill:none;stroke-linejoin:round}
.figure .line{stroke:var(--accent);stroke-width:1.75;fill:none;stroke-linejoin:round}
.figure .interval{stroke:var(--accent);stroke-width:1.25;fill:none}
.figure .run{fill:var(--accent);opacity:.45}
.figure .dot{fill:var(--accent);stroke:var(--paper);stroke-width:1.5}
.figure .unsure .dot{fill:var(--paper);stroke:var(--accent)}
.figure .target{fill:transparent}
.figure .ring{fill:none;stroke:none}
.figure .tell{visibility:hidden;pointer-events:none;font-variant-numeric:tabular-nums;fill:var(--accent)}
`

/** Colours for light, dark and print: ink on paper, and one hue a task (told apart by the colour-blind). */
export const themeCss = `
:root{--paper:#fffefb;--ink:#1d1d1b;--muted:#67655f;--rule:#e6e3db;
--c0:#0a5a9c;--c1:#b0441a;--c2:#2a7350;--c3:#7a3d8f;--c4:#8a5a00;--c5:#9b2f5f;--c6:#00696f;--accent:var(--c0);
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif;
--serif:"Iowan Old Style","Palatino Linotype",Palatino,"URW Palladio L","Source Serif 4",Georgia,"Liberation Serif",serif}
@media screen and (prefers-color-scheme:dark){:root{--paper:#15171a;--ink:#e9e6df;--muted:#9c9a93;--rule:#2c2f34;
--c0:#6db3ee;--c1:#f09a70;--c2:#74c79c;--c3:#c79be0;--c4:#d9b45f;--c5:#ee93b8;--c6:#5cc3cc}}
.c0{--accent:var(--c0)}.c1{--accent:var(--c1)}.c2{--accent:var(--c2)}.c3{--accent:var(--c3)}.c4{--accent:var(--c4)}.c5{--accent:var(--c5)}.c6{--accent:var(--c6)}
`
