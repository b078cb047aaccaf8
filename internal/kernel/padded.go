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
	rowStep               int // terms read only its multiples
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
		groups: p.StrideW, rowStep: 1,
	}
	g.pitch = (g.columns + g.groups - 1) / g.groups
	if p.KH == 1 || p.DilationH%p.StrideH == 0 {
		g.rowStep = p.StrideH
	}
	return g
}

// fill copies what terms read of a sample's planes, all but the zeros around them, which must be there already.
func fill[E, T Float](g *padded, dst []E, src []T) {
	columns := min(g.width, g.columns-g.left)
	height := min(g.height, g.rows-g.top)
	first := (g.rowStep - g.top%g.rowStep) % g.rowStep
	for plane := range g.planes {
		rows := (height - first + g.rowStep - 1) / g.rowStep
		if rows > 0 && columns > 0 {
			fillRows(g, dst[g.at(plane, g.top+first, 0):], src[(plane*g.height+first)*g.width:], rows, columns)
		}
	}
}

// fillRows copies rows of a plane, from the first element of src on, to the rows that begin at dst.
func fillRows[E, T Float](g *padded, dst []E, src []T, rows, columns int) {
	pitch, srcPitch := g.groups*g.pitch*g.rowStep, g.width*g.rowStep
	switch g.groups {
	case 1:
		moveRows(dst[g.left:], pitch, src, srcPitch, rows, columns)
	case 2:
		even, odd := dst[g.left/2:], dst[g.pitch+g.left/2:]
		if g.left%2 == 1 {
			even, odd = odd, dst[(g.left+1)/2:]
		}
		splitRows(even, odd, pitch, src, srcPitch, rows, columns)
	default:
		for i := range rows {
			for v := range columns {
				dst[i*pitch+(g.left+v)%g.groups*g.pitch+(g.left+v)/g.groups] = E(src[i*srcPitch+v])
			}
		}
	}
}

// isSource reports whether the source itself can stand for its copy, in rows of outputs that vectors cover.
func (g *padded) isSource(lanes, columns int) bool {
	return g.top == 0 && g.left == 0 && g.groups == 1 && g.rows == g.height && g.pitch == g.width && columns%lanes == 0
}
