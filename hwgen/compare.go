package hwgen

import (
	"fmt"
	"strings"

	"github.com/halftone-go/halftone/hwgen/cosim"
)

// comparison counts what differs.
type comparison struct {
	result    *Result
	reference *reference
	queue     *queue
	progress  func(outputs int64)
	lost      int64 // codes that never came
	extra     int64 // codes that nobody asked for
}

// progressEvery is how many outputs lie between two reports.
const progressEvery = 1 << 14

// compare takes the codes of one output record. The hardware gives a code for each column, also where the job's channels
// end before the columns; those are not looked at.
func (c *comparison) compare(codes []cosim.Code) {
	e, ok := c.queue.take() // it was put there before its beats were sent
	if !ok {
		c.extra++
		return
	}
	before := c.result.Outputs
	for n, want := range e.codes {
		if got := codes[n]; !got.Known || got.Value != want {
			c.wrong(e, n, want, got.String())
		}
	}
	c.result.Outputs += int64(len(e.codes))
	if c.progress != nil && before/progressEvery != c.result.Outputs/progressEvery {
		c.progress(c.result.Outputs)
	}
}

// missing takes an output that never came.
func (c *comparison) missing(e expected) {
	for n, want := range e.codes {
		c.wrong(e, n, want, "nothing")
	}
	c.lost += int64(len(e.codes))
	c.result.Outputs += int64(len(e.codes))
}

func (c *comparison) wrong(e expected, n int, want int32, got string) {
	c.result.Mismatches++
	if c.result.First != nil {
		return
	}
	total := make([]int64, 1)
	c.reference.totals(e.job, e.vector, e.channel+n, total)
	c.result.First = &Mismatch{Job: e.job, Vector: e.vector, Channel: e.channel + n, Total: total[0], Want: want, Got: got}
}

// finish adds what never came and what the harness saw.
func (c *comparison) finish(counts cosim.Counts) {
	for e, ok := c.queue.take(); ok; e, ok = c.queue.take() {
		c.missing(e)
	}
	c.result.Cycles = counts.Cycles
	c.result.Mismatches += c.extra + int64(counts.Violations)
	var words []string
	say := func(n int64, what string) {
		if n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, what))
		}
	}
	say(c.lost, "codes never came")
	say(c.extra, "outputs came that no job asked for")
	say(int64(counts.Violations), "outputs changed or vanished before they were taken")
	if counts.Stuck {
		c.result.Mismatches++
		words = append(words, "the datapath stopped taking beats or giving codes")
	}
	c.result.Protocol = strings.Join(words, ", ")
}
