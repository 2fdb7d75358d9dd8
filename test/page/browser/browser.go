// Package browser opens pages in the real Chromium of the machine and hears everything that they say: what they log, what they throw, and
// what they ask the network for. It is used by tests and by the program that takes the pictures of the documentation.
package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Browser is a running Chromium with a profile of its own that is removed with it.
type Browser struct {
	ctx  context.Context // chromedp carries the browser itself in it
	stop func()
}

// Start starts Chromium.
func Start(ctx context.Context) (*Browser, error) {
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WindowSize(1440, 1000),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(ctx, options...)
	browser, stopBrowser := chromedp.NewContext(allocator)
	stop := func() {
		stopBrowser()
		stopAllocator()
	}
	if err := chromedp.Do(browser, chromedp.Navigate("about:blank")); err != nil {
		stop()
		return nil, fmt.Errorf("starting Chromium: %w", err)
	}
	return &Browser{browser, stop}, nil
}

// Stop ends Chromium.
func (b *Browser) Stop() { b.stop() }

// Tab is one tab, and what its page said.
type Tab struct {
	ctx   context.Context // chromedp carries the tab itself in it
	close func()

	mu       sync.Mutex
	said     []string
	requests []string
}

// Open opens an empty tab.
func (b *Browser) Open() (*Tab, error) {
	ctx, closeTab := chromedp.NewContext(b.ctx)
	t := &Tab{ctx: ctx, close: closeTab}
	if err := errors.Join(chromedp.Listen(ctx, t.hear), t.Do(
		Command(network.Enable, network.EnableParams{}), Command(cdplog.Enable, cdp.Empty{}), Command(runtime.Enable, cdp.Empty{}),
	)); err != nil {
		closeTab()
		return nil, fmt.Errorf("opening a tab: %w", err)
	}
	return t, nil
}

// Close closes the tab.
func (t *Tab) Close() { t.close() }

// Do does things in the tab, one after the other.
func (t *Tab) Do(steps ...chromedp.Action[chromedp.Void]) error {
	return chromedp.Do(t.ctx, steps...)
}

// Get does one thing in the tab that has a result.
func Get[T any](t *Tab, action chromedp.Action[T]) (T, error) {
	return chromedp.Run(t.ctx, action)
}

// Command makes a step of a command of the protocol.
func Command[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// Said is everything that the page logged or threw.
func (t *Tab) Said() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.said)
}

// Requests are the addresses that were asked for, those of the file itself left out.
func (t *Tab) Requests(file string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(t.requests), func(url string) bool { return url == file || strings.HasPrefix(url, "data:") })
}

func (t *Tab) hear(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		words := []string{string(e.Type)}
		for _, argument := range e.Args {
			words = append(words, string(argument.Value), argument.Description)
		}
		t.said = append(t.said, strings.Join(words, " "))
	case *runtime.EventExceptionThrown:
		words := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			words += " " + e.ExceptionDetails.Exception.Description
		}
		t.said = append(t.said, words)
	case *cdplog.EventEntryAdded:
		t.said = append(t.said, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *network.EventRequestWillBeSent:
		t.requests = append(t.requests, e.Request.URL)
	}
}
