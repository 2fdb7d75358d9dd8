// Command pictures takes the pictures of the page that the documentation shows.
//
//	go run ./pictures -pages directory -o directory
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"

	"lienthong.gov.vn/connector-operator/test/page/browser"
)

func main() {
	pages := flag.String("pages", "", "`directory` with the pages of hack/examplepages")
	out := flag.String("o", "", "`directory` to write to")
	flag.Parse()
	if err := run(*pages, *out); err != nil {
		fmt.Fprintf(os.Stderr, "pictures: %v\n", err)
		os.Exit(1)
	}
}

func run(pages, out string) error {
	if pages == "" || out == "" {
		return errors.New("write -pages and where the pages are, and -o and where the pictures are to go")
	}
	pages, err := filepath.Abs(pages)
	if err != nil {
		return err
	}
	chromium, err := browser.Start(context.Background())
	if err != nil {
		return err
	}
	defer chromium.Stop()
	for _, language := range []string{"vi", "en"} {
		for part, look := range map[string]chromedp.Action[chromedp.Void]{
			"overview": scrolledTo("body"),
			"agencies": scrolledTo("#agencies"),
		} {
			if err := take(chromium, filepath.Join(pages, "rollout-"+language+".html"), filepath.Join(out, "page-"+part+"-"+language+".png"), look); err != nil {
				return err
			}
		}
	}
	return nil
}

func scrolledTo(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(async () => {
		document.querySelector(%q).scrollIntoView({behavior: "instant"});
		await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
	})()`, selector), chromedp.EvalAwaitPromise)
}

func take(chromium *browser.Browser, page, picture string, look chromedp.Action[chromedp.Void]) error {
	tab, err := chromium.Open()
	if err != nil {
		return err
	}
	defer tab.Close()
	if err := tab.Do(chromedp.EmulateViewport(1360, 1000), chromedp.Navigate("file://"+page), look); err != nil {
		return fmt.Errorf("opening %s: %w", page, err)
	}
	png, err := browser.Get(tab, chromedp.CaptureScreenshot())
	if err != nil {
		return fmt.Errorf("taking a picture of %s: %w", page, err)
	}
	return os.WriteFile(picture, png, 0o644)
}
