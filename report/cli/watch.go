package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/report/collect"
	"lienthong.gov.vn/connector-operator/report/format"
	"lienthong.gov.vn/connector-operator/report/view"
)

const (
	// settle is how long changes are gathered before the tables are drawn again: one change of a plan changes every agency in it.
	settle = 200 * time.Millisecond
	// clearScreen moves to the upper left and clears what is below.
	clearScreen = "\x1b[H\x1b[2J"
)

// screen is what a watch has drawn.
type screen struct {
	session *session
	by      selection
	drawn   string
}

// watch draws the status at every change until the context ends. It reads the cluster once by itself, so that a missing right or an unknown name
// is told as without --watch, and follows it from then on.
func (s *session) watch(ctx context.Context, cluster Cluster, by selection) error {
	options, done := s.reading()
	v, err := s.selected(ctx, cluster, options, by)
	done()
	if err != nil {
		return err
	}
	d := &screen{session: s, by: by}
	if err := d.draw(v); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	changed := make(chan struct{}, 1)
	link := &connection{session: s}
	copied, err := cluster.Follow(ctx, collect.Kinds(), Follower{
		Lost: link.lost, Back: link.back,
		Refused: func(err error) { stop(refused(err)) },
		Changed: func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		},
	})
	if err != nil {
		return err
	}
	return d.follow(ctx, copied, changed)
}

// follow draws at every change.
func (d *screen) follow(ctx context.Context, reader client.Reader, changed <-chan struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return refusal(ctx)
		case <-changed:
		}
		select {
		case <-ctx.Done():
			return refusal(ctx)
		case <-d.session.Clock.After(settle):
		}
		// What happened meanwhile is in what is read now.
		select {
		case <-changed:
		default:
		}
		v, err := d.session.selected(ctx, reader, collect.Options{Now: d.session.Clock.Now()}, d.by)
		switch {
		case ctx.Err() != nil:
			return refusal(ctx)
		case err != nil:
			// What was asked for may come back, such as a plan that is created anew.
			d.session.complain(err)
			continue
		}
		if err := d.draw(v); err != nil {
			return err
		}
	}
}

// refusal is why the watch ended, if that was not the reader's wish.
func refusal(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// draw writes the tables, unless they show nothing but a later time.
func (d *screen) draw(v *view.View) error {
	out, style := d.session.Stdout, d.session.style(d.session.Stdout)
	timeless := *v
	timeless.TakenAt = time.Time{}
	var now bytes.Buffer
	if err := format.Status(&now, &timeless, style); err != nil {
		return err
	}
	if now.String() == d.drawn {
		return nil
	}
	first := d.drawn == ""
	d.drawn = now.String()
	var page bytes.Buffer
	switch {
	case isTerminal(out):
		page.WriteString(clearScreen)
	case !first:
		page.WriteString("\n")
	}
	if err := format.Status(&page, v, style); err != nil {
		return err
	}
	_, err := io.Copy(out, &page)
	return err
}

// refused names the right to watch that is missing.
func refused(err error) error {
	var status apierrors.APIStatus
	if !apierrors.IsForbidden(err) || !errors.As(err, &status) || status.Status().Details == nil {
		return err
	}
	return &collect.RightError{Verb: "watch", Resource: status.Status().Details.Kind, Err: err}
}

// connection tells the reader when it is lost and when it is back, once each.
type connection struct {
	session *session
	away    atomic.Bool
}

func (c *connection) lost(err error) {
	if !c.away.Swap(true) {
		fmt.Fprintln(c.session.Stderr, c.session.l.Say("Mất kết nối với cụm máy, đang thử lại. (%v)",
			"The connection to the cluster is lost and is being taken up again. (%v)", err))
	}
}

func (c *connection) back() {
	if c.away.Swap(false) {
		fmt.Fprintln(c.session.Stderr, c.session.l.Say("Đã kết nối lại.", "The connection is back."))
	}
}
