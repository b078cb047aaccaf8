package round

// Grid is the grid that one run of elements is rounded to: the values (code - Zero)·Step for the codes Lo to Hi.
type Grid struct {
	Step         float64
	Zero, Lo, Hi int32
}

// Bounds of what the rounding functions take: codes that float32 holds exactly, and steps far enough from the ends of
// float64 for every quotient of a float32 number by the step to be a normal float64 number.
const (
	maxCode = 1 << 24
	minStep = 0x1p-600
	maxStep = 0x1p600
)

// Fits reports whether the rounding functions take the grid: Step within 2^-600 and 2^600, Lo <= Zero <= Hi, and all of
// Zero, Lo - Zero and Hi - Zero of magnitude less than 2^24.
func (g Grid) Fits() bool {
	within := func(code int64) bool { return code > -maxCode && code < maxCode }
	zero := int64(g.Zero)
	return g.Step >= minStep && g.Step <= maxStep && g.Lo <= g.Zero && g.Zero <= g.Hi &&
		within(zero) && within(int64(g.Lo)-zero) && within(int64(g.Hi)-zero)
}

const badLength = "round: slice length does not match the shape"

const badGrid = "round: grid outside of what rounding takes (see Grid.Fits)"

// Counts tells what happened to the elements of a run.
type Counts struct {
	Clipped     uint64 // the rounded code lay outside Lo to Hi, infinities included
	Underflowed uint64 // not zero, and became zero without being clipped
	NaN         uint64
	Inf         uint64
}

// Add adds the counts of another run.
func (c *Counts) Add(other Counts) {
	c.Clipped += other.Clipped
	c.Underflowed += other.Underflowed
	c.NaN += other.NaN
	c.Inf += other.Inf
}
