package number

import "math"

// nanLine is the line of a block whose scale is NaN: every code is NaN.
type nanLine struct{ format Format }

var (
	_ line    = nanLine{}
	_ rounder = nanLine{}
)

func (nanLine) round(float64, uint32) (p point, clipped bool) { return point{class: notANumber}, false }
func (nanLine) place(float64) quotient                        { return quotient{} }
func (nanLine) at(int64) (offset int64, step float64)         { return 1, math.NaN() }
func (nanLine) limits() (lo, hi int64)                        { return 0, 0 }
func (nanLine) signedZero() bool                              { return false }
func (nanLine) special(class, bool) point                     { return point{class: notANumber} }
func (nanLine) code(point) int64                              { return 0 }
func (l nanLine) point(code int64) (p point, ok bool) {
	lo, hi := l.format.CodeRange()
	return point{class: notANumber}, code >= lo && code <= hi
}
