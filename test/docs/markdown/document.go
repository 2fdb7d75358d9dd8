package markdown

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Document is what the tests look at in one file.
type Document struct {
	// Path of the file, from the folder of the project, with slashes.
	Path     string
	Headings []Heading
	Links    []Link
	// Code is what stands between backquotes within sentences.
	Code []Span
	// Parts are directives and blocks, in their order.
	Parts []Part
}

// Heading of a chapter.
type Heading struct {
	Level  int
	Title  string
	Anchor string
}

// Link to another document, another site or another place of the same document.
type Link struct {
	Target string
	Line   int
}

// Span is a piece of inline code.
type Span struct {
	Text string
	Line int
}

// Part is a directive or a block; exactly one of the two is there.
type Part struct {
	Directive *Directive
	Block     *Block
}

// Directive is a comment such as <!-- docs: not run: the reason -->.
type Directive struct {
	Name, Value string
	// Body are the lines below the first.
	Body string
	Line int
}

// Block is a fenced block of code.
type Block struct {
	Language string
	Text     string
	// Chapter is the heading that it stands under.
	Chapter string
	Line    int
}

// directive: a name of small letters, and after a colon what it says.
var directive = regexp.MustCompile(`(?s)^<!--\s*docs:\s*([a-z][a-z ]*[a-z])(?::[ \t]*([^\n]*?))?[ \t]*(?:\n(.*?))?\s*-->\s*$`)

// Parse reads one document.
func Parse(path string, source []byte) (*Document, error) {
	p := &parser{document: &Document{Path: path}, source: source, anchors: map[string]int{}}
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	if err := ast.Walk(root, p.visit); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return p.document, nil
}

type parser struct {
	document *Document
	source   []byte
	anchors  map[string]int
	chapter  string
	// line is that of the innermost block, because what stands within a line does not know its own.
	line int
}

func (p *parser) visit(node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	if node.Type() == ast.TypeBlock && node.Lines() != nil && node.Lines().Len() > 0 {
		p.line = p.lineOf(node.Lines().At(0).Start)
	}
	switch n := node.(type) {
	case *ast.Heading:
		p.heading(n)
	case *ast.Link:
		p.document.Links = append(p.document.Links, Link{Target: string(n.Destination), Line: p.line})
	case *ast.Image:
		p.document.Links = append(p.document.Links, Link{Target: string(n.Destination), Line: p.line})
	case *ast.AutoLink:
		p.document.Links = append(p.document.Links, Link{Target: string(n.URL(p.source)), Line: p.line})
	case *ast.CodeSpan:
		p.document.Code = append(p.document.Code, Span{Text: p.plain(n), Line: p.line})
	case *ast.FencedCodeBlock:
		p.document.Parts = append(p.document.Parts, Part{Block: &Block{
			Language: string(n.Language(p.source)), Text: string(n.Lines().Value(p.source)), Chapter: p.chapter, Line: p.line,
		}})
	case *ast.CodeBlock:
		return ast.WalkStop, fmt.Errorf("line %d: code is fenced here with its language, and not indented", p.line)
	case *ast.HTMLBlock:
		return ast.WalkContinue, p.comment(n)
	}
	return ast.WalkContinue, nil
}

func (p *parser) heading(n *ast.Heading) {
	title := p.plain(n)
	anchor := Anchor(title)
	if seen := p.anchors[anchor]; seen > 0 {
		p.anchors[anchor]++
		anchor = fmt.Sprintf("%s-%d", anchor, seen)
	} else {
		p.anchors[anchor] = 1
	}
	p.chapter = title
	p.document.Headings = append(p.document.Headings, Heading{Level: n.Level, Title: title, Anchor: anchor})
}

func (p *parser) comment(n *ast.HTMLBlock) error {
	raw := string(n.Lines().Value(p.source))
	if n.HasClosure() {
		raw += string(n.ClosureLine.Value(p.source))
	}
	if !strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(strings.TrimSpace(raw), "<!--"), " \t\n"), "docs:") {
		return nil
	}
	found := directive.FindStringSubmatch(strings.TrimSpace(raw))
	if found == nil {
		return fmt.Errorf("line %d: this is no directive: %s", p.line, strings.TrimSpace(raw))
	}
	p.document.Parts = append(p.document.Parts, Part{Directive: &Directive{Name: found[1], Value: found[2], Body: found[3], Line: p.line}})
	return nil
}

// plain is what a reader sees of a node.
func (p *parser) plain(node ast.Node) string {
	var b strings.Builder
	// The visitor gives no error.
	_ = ast.Walk(node, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(n.Segment.Value(p.source))
				if n.SoftLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

func (p *parser) lineOf(offset int) int {
	return 1 + strings.Count(string(p.source[:offset]), "\n")
}

// Anchor is what GitHub makes of a heading: small letters, hyphens for spaces, and nothing but letters, digits, hyphens and underscores.
func Anchor(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.M, r):
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

// Blocks are the blocks of code alone.
func (d *Document) Blocks() []*Block {
	var blocks []*Block
	for _, part := range d.Parts {
		if part.Block != nil {
			blocks = append(blocks, part.Block)
		}
	}
	return blocks
}
