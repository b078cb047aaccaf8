package mac

import "github.com/halftone-go/halftone/internal/kernel"

// planes is a copy of a sample's planes with zeros around them: every term of an output lies at the same distance from
// the output's place.
type planes struct {
	planes, height, width int // of the source
	top, left             int // zeros before
	rows, columns         int // of the copy
}

func (g *planes) size() int { return g.planes * g.rows * g.columns }

// at is the place of an element, counted from the first zero.
func (g *planes) at(plane, row, column int) int { return (plane*g.rows+row)*g.columns + column }

// fill copies a sample.
func fillPlanes[E kernel.Float](g *planes, dst, src []E) {
	for plane := range g.planes {
		for row := range min(g.height, g.rows-g.top) {
			n := min(g.width, g.columns-g.left)
			copy(dst[g.at(plane, g.top+row, g.left):][:n], src[(plane*g.height+row)*g.width:][:n])
		}
	}
}

// outputs are the outputs of a plane, or of a class of them: height × width, of which the one at (i, j) starts from
// source[i·rowStep + j·columnStep].
type outputs struct {
	height, width       int
	rowStep, columnStep int
}

// macPiece is a row's part of neighbouring outputs.
type macPiece struct {
	lane, n   int
	base      int // place in the source of the first output
	row, from int // row and column of the first output
}

// pieces appends the pieces of the outputs first to first+n.
func (o *outputs) pieces(pieces []macPiece, first, n int) []macPiece {
	for lane := 0; lane < n; {
		row, column := (first+lane)/o.width, (first+lane)%o.width
		length := min(n-lane, o.width-column)
		pieces = append(pieces, macPiece{lane, length, row*o.rowStep + column*o.columnStep, row, column})
		lane += length
	}
	return pieces
}

// packPieces packs vectors of factors: for each offset one, from the pieces' places in the source on.
func packPieces[E kernel.Float](dst, source []E, offsets []int, pieces []macPiece, step int) {
	if len(pieces) == 1 && pieces[0].n == macLanes && step == 1 {
		from := source[pieces[0].base:]
		for l, offset := range offsets {
			*(*[macLanes]E)(dst[l*macLanes:]) = [macLanes]E(from[offset:])
		}
		return
	}
	for _, p := range pieces {
		from, to := source[p.base:], dst[p.lane:]
		switch {
		case p.n == macLanes/2 && step == 1:
			for l, offset := range offsets {
				*(*[macLanes / 2]E)(to[l*macLanes:]) = [macLanes / 2]E(from[offset:])
			}
		case step == 1:
			for l, offset := range offsets {
				copy(to[l*macLanes:][:p.n], from[offset:])
			}
		default:
			for l, offset := range offsets {
				for i := range p.n {
					to[l*macLanes+i] = from[offset+i*step]
				}
			}
		}
	}
}

// roundedUp is n, raised to a multiple of m.
func roundedUp(n, m int) int { return (n + m - 1) / m * m }
