package kernel

// padded is the shape of a copy of a sample's planes with zeros around them, in which every term of an output lies at
// the same distance from the output's base. With a column stride s, columns are kept in s groups by their remainder, so
// that neighbouring outputs take their terms from neighbouring elements.
type padded struct {
	planes, height, width int // of the source
	top, left             int // zeros before
	rows, columns         int // of a plane of the copy; what lies beyond is not read
	groups                int // column stride
	pitch                 int // elements of a row's group
	// usedRows and usedGroups tell which rows and groups any term reads.
	usedRows, usedGroups []bool
}

// size is the number of elements of the copy; a vector may begin at its last one.
func (g *padded) size() int { return g.planes*g.rows*g.groups*g.pitch + maxLanes }

// at is the place of an element of a plane, counted from the first zero.
func (g *padded) at(plane, row, column int) int {
	return ((plane*g.rows+row)*g.groups+column%g.groups)*g.pitch + column/g.groups
}

// forwardSource is the shape of x for the terms of a convolution.
func forwardSource(p Conv) padded {
	oh, ow := p.OH(), p.OW()
	g := padded{
		planes: p.C, height: p.H, width: p.W, top: p.PadTop, left: p.PadLeft,
		rows: (oh-1)*p.StrideH + (p.KH-1)*p.DilationH + 1, columns: (ow-1)*p.StrideW + (p.KW-1)*p.DilationW + 1,
		groups: p.StrideW,
	}
	g.pitch = (g.columns + g.groups - 1) / g.groups
	g.usedRows, g.usedGroups = make([]bool, g.rows), make([]bool, g.groups)
	for i := range oh {
		for k := range p.KH {
			g.usedRows[i*p.StrideH+k*p.DilationH] = true
		}
	}
	for k := range p.KW {
		g.usedGroups[k*p.DilationW%g.groups] = true
	}
	return g
}

// fill copies the planes of a sample, all but the zeros around them, which must be there already.
func fill[E, T Float](g *padded, dst []E, src []T) {
	columns := min(g.width, g.columns-g.left)
	if columns <= 0 {
		return
	}
	for plane := range g.planes {
		for h := range min(g.height, g.rows-g.top) {
			if !g.usedRows[h+g.top] {
				continue
			}
			from := src[(plane*g.height+h)*g.width:][:columns]
			to := dst[(plane*g.rows+h+g.top)*g.groups*g.pitch:]
			if g.groups == 1 {
				convert(to[g.left:g.left+columns], from)
				continue
			}
			for group, used := range g.usedGroups {
				if !used {
					continue
				}
				first := (group - g.left%g.groups + g.groups) % g.groups // the first column of the group
				place := to[group*g.pitch+(first+g.left)/g.groups:]
				for i, v := 0, first; v < columns; i, v = i+1, v+g.groups {
					place[i] = E(from[v])
				}
			}
		}
	}
}

// isSource reports whether the source itself can stand for its copy, in rows of outputs that vectors cover.
func (g *padded) isSource(lanes, columns int) bool {
	return g.top == 0 && g.left == 0 && g.groups == 1 && g.rows == g.height && g.pitch == g.width && columns%lanes == 0
}
