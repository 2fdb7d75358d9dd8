package requestlog

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func line(n int) item { return item{line: []byte(strconv.Itoa(n))} }

func TestQueueIsBounded(t *testing.T) {
	q := newQueue(3, 100)
	for n := range 3 {
		if taken, _ := q.put(line(n)); !taken {
			t.Errorf("line %d was not taken", n)
		}
	}
	_, first := q.put(line(3))
	_, again := q.put(line(4))
	if !first || again {
		t.Errorf("the begin of the gap was told %t, and once more %t", first, again)
	}
	q.take(1)
	q.put(line(5))
	if _, begins := q.put(line(6)); begins {
		t.Error("a gap at the brim of the queue was told as a new one")
	}
	q.take(3)
	q.put(line(7))
	q.put(line(8))
	q.put(line(9))
	if _, begins := q.put(line(10)); !begins {
		t.Error("the second gap was not told")
	}
	if taken, _ := newQueue(10, 3).put(item{line: []byte("four")}); taken {
		t.Error("a line above the bound of bytes was taken")
	}
}

// TestQueueKeepsOrder: whatever is put and taken, the lines that were taken in come out once each and in their order, and the bounds hold.
func TestQueueKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue(rapid.IntRange(1, 8).Draw(t, "lines"), rapid.IntRange(1, 16).Draw(t, "bytes"))
		var in, out []string
		n := 0
		t.Repeat(map[string]func(*rapid.T){
			"put": func(*rapid.T) {
				n++
				if taken, _ := q.put(line(n)); taken {
					in = append(in, strconv.Itoa(n))
				}
			},
			"take": func(t *rapid.T) {
				batch := q.head(rapid.IntRange(0, 8).Draw(t, "batch"))
				if len(batch) == 0 && len(in) > len(out) {
					t.Fatal("nothing comes out although lines wait")
				}
				for _, it := range batch {
					out = append(out, string(it.line))
				}
				q.take(len(batch))
			},
			"": func(t *rapid.T) {
				if q.length() != len(in)-len(out) || q.length() > q.maxLines || q.bytes > q.maxBytes || q.bytes < 0 {
					t.Fatalf("%d lines of %d bytes wait, of %d in and %d out", q.length(), q.bytes, len(in), len(out))
				}
				for i := range out {
					if out[i] != in[i] {
						t.Fatalf("line %d is %s and not %s", i, out[i], in[i])
					}
				}
			},
		})
	})
}

func TestPause(t *testing.T) {
	for failures, least := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 6: 30 * time.Second, 99: 30 * time.Second} {
		for range 50 {
			if d := pause(failures); d < least || d >= least+least/2 {
				t.Errorf("after %d failures, the pause is %s", failures, d)
			}
		}
	}
}

func TestFrame(t *testing.T) {
	it := item{at: moment(), line: []byte(`{"a":1}`)}
	got := string(appendFrame(nil, it, header("main-7f c\x00", "g12/main", `v1"]\`)))
	const want = `141 <110>1 2026-03-01T08:30:00.123456Z main-7f_c_.g12 lienthong-gateway - request ` +
		`[origin software="lienthong-gateway" swVersion="v1___"] {"a":1}`
	if got != want || len(want)-len("141 ") != 141 {
		t.Errorf("the frame is\n%s\nand not\n%s", got, want)
	}
}
