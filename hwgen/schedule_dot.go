package hwgen

import "github.com/halftone-go/halftone/hwgen/cosim"

// dotSchedule computes one output after the other, lanes terms a beat; channel by channel, since the run-time registers
// hold one channel.
type dotSchedule struct {
	*driver
	beat                cosim.Record
	activations, weight []cosim.Port
}

func newDotSchedule(d *driver) *dotSchedule {
	lanes := d.p.Array.Lanes
	return &dotSchedule{driver: d, beat: d.i.NewBeat(), activations: d.ports("activation", lanes), weight: d.ports("weight", lanes)}
}

func (s *dotSchedule) run(j *Job, ends func(vector, from, n int)) error {
	lanes := len(s.activations)
	for c := range j.Channels {
		if err := s.configure(j, c, 1); err != nil {
			return err
		}
		for v := range j.Vectors {
			ends(v, c, 1)
			for k := 0; k < j.Depth; k += lanes {
				for l := range lanes {
					var a, w int32 // lanes without a term multiply zeros
					if k+l < j.Depth {
						a, w = j.Activations[v*j.Depth+k+l], j.Weights[(k+l)*j.Channels+c]
					}
					s.beat.Put(s.activations[l], int64(a))
					s.beat.Put(s.weight[l], int64(w))
				}
				s.beat.Put(s.compute, 1)
				s.beat.Put(s.first, bit(k == 0))
				s.beat.Put(s.last, bit(k+lanes >= j.Depth))
				if err := s.send(s.beat); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
