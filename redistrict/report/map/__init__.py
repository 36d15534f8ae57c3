"""map.html: the plan as one page that opens anywhere, without a network.

Read `page` (what is shown), `content` (the values, and how they are packed as JSON), `html` (the page itself), then
`scene.js`, `layer.js` and the other scripts, which draw in the browser; `labels.js` places the names. `cards`, `faults`
and `words` make its texts, `crossings` and `geometry` its shapes, `lettering` the places where names may stand. Texts
from data travel as JSON and are set as text: never as HTML.
"""
