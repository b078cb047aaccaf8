package number

// Stats counts what happened to the elements of a tensor.
type Stats struct {
	Count       uint64 // elements
	Clipped     uint64 // where overflow acted, infinities included
	Underflowed uint64 // not zero, and became zero without overflow
	NaN         uint64
	Inf         uint64
}

// Add adds the counts of another tensor, or another part of this one.
func (s *Stats) Add(other Stats) {
	s.Count += other.Count
	s.Clipped += other.Clipped
	s.Underflowed += other.Underflowed
	s.NaN += other.NaN
	s.Inf += other.Inf
}
