import { paletteStyle } from './palette.ts'

/** The style sheet of reports. */
export const reportStyle = `${paletteStyle(':root')}
*{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);font:16px/1.6 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
body{margin:0}
main{max-width:58rem;margin:0 auto;padding:3.5rem 1.5rem 6rem}
header{margin-bottom:3rem}
.mark{margin:0 0 .75rem;font-size:.75rem;font-weight:600;letter-spacing:.12em;text-transform:uppercase;color:var(--quiet)}
h1{font-size:2.4rem;line-height:1.15;letter-spacing:-.025em;font-weight:700;margin:0 0 1rem;text-wrap:balance}
h2{font-size:1.45rem;line-height:1.25;letter-spacing:-.015em;margin:3.5rem 0 .75rem;padding-top:1.25rem;border-top:1px solid var(--rule)}
h3{font-size:1.1rem;margin:2.25rem 0 .5rem}
p,ul,ol{margin:0 0 1rem;max-width:44rem}
li{margin:.2rem 0}
a{color:var(--first)}
.lead{font-size:1.15rem;color:var(--quiet)}
.lead strong{color:var(--ink)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:1px;margin:2rem 0 0;background:var(--rule);border:1px solid var(--rule);border-radius:.6rem;overflow:hidden}
.facts div{background:var(--paper);padding:1rem 1.1rem}
.facts dd{margin:0;font-size:1.6rem;line-height:1.2;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.facts dt{font-size:.85rem;color:var(--quiet);line-height:1.4;margin-top:.25rem}
.facts small{display:block;font-size:.75rem}
figure{margin:2rem 0}
figure .title{font-weight:500;margin-bottom:.6rem}
figcaption{font-size:.85rem;line-height:1.5;color:var(--quiet);margin-top:.6rem;max-width:48rem}
figcaption b,figure .title b{font-weight:650;color:var(--ink)}
.scroll{overflow-x:auto}
svg{max-width:100%;height:auto}
table{border-collapse:collapse;font-size:.9rem;line-height:1.4;font-variant-numeric:tabular-nums;width:100%}
th{font-weight:600;text-align:left;vertical-align:bottom;border-bottom:2px solid var(--ink);padding:.45rem .75rem;white-space:nowrap}
td{border-bottom:1px solid var(--rule);padding:.4rem .75rem;vertical-align:top}
tbody tr:hover{background:var(--raised)}
.number{text-align:right;white-space:nowrap}
th.number{white-space:normal}
aside{max-width:48rem;margin:1.5rem 0;padding:.9rem 1.2rem;background:var(--raised);border-left:3px solid var(--second);border-radius:0 .4rem .4rem 0;font-size:.95rem}
aside p:last-child,aside ul:last-child{margin-bottom:0}
code{font:.88em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
p code,li code,td code{background:var(--raised);padding:.1em .3em;border-radius:.25em}
pre{background:var(--raised);border-radius:.5rem;padding:1rem 1.2rem;overflow-x:auto;line-height:1.45}
@media print{html{font-size:12px}main{max-width:none;padding:0}figure,tr{break-inside:avoid}}
@media(max-width:40rem){h1{font-size:1.8rem}main{padding-top:2rem}}
`
