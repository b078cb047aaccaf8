package hwgen

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/hwgen/cosim"
	"github.com/halftone-go/halftone/hwgen/unit"
	"github.com/pkg/errors"
)

// A schedule turns a job into beats. It calls ends for every output record, in the order in which they will come and
// before it sends the beat that ends the sums: vector and channels from..from+n of the job.
type schedule interface {
	run(j *Job, ends func(vector, from, n int)) error
}

func newSchedule(d *driver) schedule {
	if d.p.Array.Kind == target.Dot {
		return newDotSchedule(d)
	}
	return newWeightStationarySchedule(d)
}

// driver writes records: it is to the datapath what a processor's driver would be to the chip.
type driver struct {
	p       *unit.Parameters
	i       *cosim.Interface
	w       io.Writer
	random  *rand.Rand
	jobs    int
	write   cosim.Record
	held    map[register]int64 // what the run-time registers hold
	column  *cosim.Port        // nil when the datapath has one column
	field   cosim.Port
	data    cosim.Port
	compute cosim.Port
	first   cosim.Port
	last    cosim.Port
}

// register names a run-time register.
type register struct {
	field  unit.Field
	column int
}

func newDriver(p *unit.Parameters, i *cosim.Interface, w io.Writer, seed uint64) *driver {
	return &driver{
		p: p, i: i, w: w, random: rand.New(rand.NewPCG(seed, 0)), write: i.NewWrite(), held: map[register]int64{},
		column: i.WritePort("write_column"), field: *i.WritePort("write_field"), data: *i.WritePort("write_data"),
		compute: *i.BeatPort("compute"), first: *i.BeatPort("first"), last: *i.BeatPort("last"),
	}
}

func (d *driver) send(r cosim.Record) error {
	_, err := d.w.Write(r)
	return errors.WithStack(err)
}

// pattern chooses in which cycles the next job's records are offered and its codes taken: every fourth job runs at full
// speed, the others with gaps at the input, at the output, and at both.
func (d *driver) pattern() error {
	offer, ready := ^uint64(0), ^uint64(0)
	if d.jobs&1 != 0 {
		offer = d.random.Uint64() | d.random.Uint64() | 1 // three cycles of four
	}
	switch d.jobs & 3 {
	case 2:
		ready = d.random.Uint64() | 1 // every other cycle
	case 3:
		ready = d.random.Uint64()&d.random.Uint64() | 1<<63 // one of four
	}
	d.jobs++
	return d.send(d.i.NewPattern(offer, ready))
}

// set writes a run-time register, unless it holds the value.
func (d *driver) set(f unit.Field, column int, v int64) error {
	name := register{f, column}
	if old, ok := d.held[name]; ok && old == v {
		return nil
	}
	d.held[name] = v
	if d.column != nil {
		d.write.Put(*d.column, int64(column))
	}
	d.write.Put(d.field, int64(f))
	d.write.Put(d.data, v)
	return d.send(d.write)
}

// configure writes the registers for channels from..from+n of a job into the columns.
func (d *driver) configure(j *Job, from, n int) error {
	for _, f := range d.p.Fields() {
		columns := 1
		if d.p.PerColumn(f) {
			columns = n
		}
		for c := range columns {
			if err := d.set(f, c, fieldValue(j, f, from+c)); err != nil {
				return err
			}
		}
	}
	return nil
}

func fieldValue(j *Job, f unit.Field, channel int) int64 {
	switch f {
	case unit.FieldBias:
		return j.Bias[channel]
	case unit.FieldMultiplier:
		return int64(j.multiplier(channel).M)
	case unit.FieldShift:
		return int64(j.multiplier(channel).Shift)
	case unit.FieldZeroPoint:
		return int64(j.Zero)
	case unit.FieldClampLow:
		return int64(j.Low)
	default:
		return int64(j.High)
	}
}

// ports finds n numbered inputs of the beats.
func (d *driver) ports(name string, n int) []cosim.Port {
	list := make([]cosim.Port, n)
	for k := range list {
		list[k] = *d.i.BeatPort(fmt.Sprintf("%s_%d", name, k))
	}
	return list
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
