package hwgen

import (
	"context"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/unit"
)

// feeder computes what is expected and sends the records, job by job.
type feeder struct {
	target    *target.Target
	p         *unit.Parameters
	reference *reference
	jobs      Jobs
	queue     queue
	totals    []int64
}

func newFeeder(t *target.Target, p *unit.Parameters, jobs Jobs) (*feeder, error) {
	r, err := newReference(t, p)
	return &feeder{target: t, p: p, reference: r, jobs: jobs, totals: make([]int64, p.Columns())}, err
}

// feed sends all jobs, or those before it is clear that outputs were lost.
func (f *feeder) feed(ctx context.Context, d *driver) error {
	schedule := newSchedule(d)
	for j, err := range f.jobs {
		if err != nil {
			return err
		}
		if err := j.check(f.target, f.p); err != nil {
			return err
		}
		if err := d.pattern(); err != nil {
			return err
		}
		err := schedule.run(j, func(vector, from, n int) { f.queue.put(f.expect(j, vector, from, n)) })
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if f.queue.overdue() {
			return nil
		}
	}
	return nil
}

func (f *feeder) expect(j *Job, vector, from, n int) expected {
	e := expected{job: j, vector: vector, channel: from, codes: make([]int32, n)}
	if j.Want != nil {
		copy(e.codes, j.Want[vector*j.Channels+from:])
		return e
	}
	totals := f.totals[:n]
	f.reference.totals(j, vector, from, totals)
	for c, total := range totals {
		e.codes[c] = f.reference.code(j, from+c, total)
	}
	return e
}
