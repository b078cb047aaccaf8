package hwgen

import "github.com/halftone-go/halftone/hwgen/cosim"

// weightStationarySchedule walks over blocks of channels, then groups of vectors, then tiles of weights. A tile stays for
// the beats of one group, one beat for each place of the ring; the weights of the next tile ride on these beats. So the
// array computes in every beat, but for the places that the last group leaves empty.
type weightStationarySchedule struct {
	*driver
	beat                 cosim.Record
	activations, weights []cosim.Port
	swap, load           cosim.Port
	loadRow              *cosim.Port // nil when the array has one row
	rows, columns, ring  int
}

func newWeightStationarySchedule(d *driver) *weightStationarySchedule {
	return &weightStationarySchedule{
		driver: d, beat: d.i.NewBeat(),
		activations: d.ports("activation", d.p.Array.Rows), weights: d.ports("weight", d.p.Array.Columns),
		swap: *d.i.BeatPort("swap"), load: *d.i.BeatPort("load"), loadRow: d.i.BeatPort("load_row"),
		rows: d.p.Array.Rows, columns: d.p.Array.Columns, ring: d.p.RingLength(),
	}
}

// place is a tile of weights: terms from k on, channels from channel on.
type place struct{ k, channel int }

// pass is the use of a tile for one group of vectors.
type pass struct {
	tile        place
	vector      int // the first of the group
	first, last bool
}

func (s *weightStationarySchedule) run(j *Job, ends func(vector, from, n int)) error {
	passes := s.passes(j)
	if err := s.loadOnly(j, passes[0].tile); err != nil {
		return err
	}
	fresh := true // the loaded tile is not in use yet
	for i, p := range passes {
		n := min(s.columns, j.Channels-p.tile.channel)
		if p.first {
			if err := s.configure(j, p.tile.channel, n); err != nil {
				return err
			}
		}
		next := p.tile
		if i+1 < len(passes) {
			next = passes[i+1].tile
		}
		if p.last {
			for v := p.vector; v < min(p.vector+s.ring, j.Vectors); v++ {
				ends(v, p.tile.channel, n)
			}
		}
		if err := s.pass(j, p, fresh, next); err != nil {
			return err
		}
		fresh = next != p.tile
	}
	return nil
}

func (s *weightStationarySchedule) passes(j *Job) []pass {
	var list []pass
	for c := 0; c < j.Channels; c += s.columns {
		for v := 0; v < j.Vectors; v += s.ring {
			for k := 0; k < j.Depth; k += s.rows {
				list = append(list, pass{tile: place{k, c}, vector: v, first: k == 0, last: k+s.rows >= j.Depth})
			}
		}
	}
	return list
}

// loadOnly brings a tile into the array without computing.
func (s *weightStationarySchedule) loadOnly(j *Job, tile place) error {
	s.beat.Put(s.compute, 0)
	s.beat.Put(s.swap, 0)
	for r := range s.rows {
		s.putWeights(j, tile, r)
		if err := s.send(s.beat); err != nil {
			return err
		}
	}
	return nil
}

// pass sends the beats of one pass; the weights of the next tile, if it is another one, ride on the first of them.
func (s *weightStationarySchedule) pass(j *Job, p pass, swap bool, next place) error {
	s.beat.Put(s.first, bit(p.first))
	s.beat.Put(s.last, bit(p.last))
	for b := range s.ring {
		v := p.vector + b
		s.beat.Put(s.compute, bit(v < j.Vectors))
		s.beat.Put(s.swap, bit(swap && b == 0))
		for r, port := range s.activations {
			var a int32 // rows without a term multiply zeros
			if k := p.tile.k + r; k < j.Depth && v < j.Vectors {
				a = j.Activations[v*j.Depth+k]
			}
			s.beat.Put(port, int64(a))
		}
		s.beat.Put(s.load, 0)
		if next != p.tile && b < s.rows {
			s.putWeights(j, next, b)
		}
		if err := s.send(s.beat); err != nil {
			return err
		}
	}
	return nil
}

// putWeights puts row r of a tile into the beat; there are zeros where the weights end.
func (s *weightStationarySchedule) putWeights(j *Job, tile place, r int) {
	s.beat.Put(s.load, 1)
	if s.loadRow != nil {
		s.beat.Put(*s.loadRow, int64(r))
	}
	k := tile.k + r
	for c, port := range s.weights {
		var w int32
		if channel := tile.channel + c; k < j.Depth && channel < j.Channels {
			w = j.Weights[k*j.Channels+channel]
		}
		s.beat.Put(port, int64(w))
	}
}
