package kernel

// blockedSource is the shape of a copy of a sample with zeros around each block, or plane, in which every term of an output
// lies at the same distance from the output's base. Strides need no order of their own: what a vector holds are channels.
type blockedSource struct {
	blocks, height, width int // of the source
	top, left             int // places of zeros before
	rows, columns         int // of a block of the copy
	place                 int // elements of a place: 16, or 1 of planes
}

// size is the number of elements of the copy.
func (g *blockedSource) size() int { return g.blocks * g.rows * g.columns * g.place }

// at is the number of the first element of a place, counted from the first zero.
func (g *blockedSource) at(block, row, column int) int {
	return ((block*g.rows+row)*g.columns + column) * g.place
}

// extent is how much of the source's rows and columns the copy holds.
func (g *blockedSource) extent() (rows, columns int) {
	return max(min(g.height, g.rows-g.top), 0), max(min(g.width, g.columns-g.left), 0)
}

// fill copies some blocks of a sample into the copy, all but the zeros around them, which must be there already.
func (g *blockedSource) fill(dst, src []float32, blockLo, blockHi int) {
	rows, columns := g.extent()
	length := columns * g.place
	if length == 0 {
		return
	}
	for block := blockLo; block < blockHi; block++ {
		for row := range rows {
			from := src[(block*g.height+row)*g.width*g.place:]
			copy(dst[g.at(block, g.top+row, g.left):][:length], from[:length])
		}
	}
}

// isSource reports whether the source itself can stand for its copy.
func (g *blockedSource) isSource() bool {
	return g.top == 0 && g.left == 0 && g.rows == g.height && g.columns == g.width
}

// blockedForwardSource is the shape of x for the terms of a convolution, in blocks or, if its channels make none, in planes.
func blockedForwardSource(p Conv) blockedSource {
	g := blockedSource{
		blocks: p.C / blockChannels, height: p.H, width: p.W, top: p.PadTop, left: p.PadLeft, place: blockChannels,
		rows: (p.OH()-1)*p.StrideH + (p.KH-1)*p.DilationH + 1, columns: (p.OW()-1)*p.StrideW + (p.KW-1)*p.DilationW + 1,
	}
	if p.C%blockChannels != 0 {
		g.blocks, g.place = p.C, 1
	}
	return g
}

// term is the number of the element that a term (c, kh, kw) of the first output takes.
func (g *blockedSource) term(p Conv, c, kh, kw int) int {
	if g.place == 1 {
		return g.at(c, kh*p.DilationH, kw*p.DilationW)
	}
	return g.at(c/blockChannels, kh*p.DilationH, kw*p.DilationW) + c%blockChannels
}

// blockedErrors is the shape of dy for the terms of its convolution backward.
func blockedErrors(p Conv, vertical, horizontal axisClasses) blockedSource {
	return blockedSource{
		blocks: p.OC / blockChannels, height: p.OH(), width: p.OW(), top: vertical.before, left: horizontal.before,
		rows: vertical.length, columns: horizontal.length, place: blockChannels,
	}
}
