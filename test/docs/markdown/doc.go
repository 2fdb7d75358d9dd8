// Package markdown reads the project's documents: headings with the anchors that a reader's link leads to, links, inline code, blocks of code, and
// the directives by which a document says how its blocks are tested. A directive is an HTML comment that begins with "docs:", which no rendered page
// shows. The package is pure, and knows nothing of what a directive means beyond its name.
package markdown
