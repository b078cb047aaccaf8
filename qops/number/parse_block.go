package number

import (
	"strconv"
	"strings"
)

// blockOption reads block= and axis=; blocks are whole tensors when block= is not there.
func (p *parser) blockOption(f *Format) {
	value, at := p.option("block")
	switch {
	case value == "":
	case value[0] >= '0' && value[0] <= '9':
		tile, ok := parseTile(value)
		if !ok {
			p.fail(at, "the size of a block must be N or HxW, whole numbers in 1 to %d, got %q", maxTile, value)
		}
		f.block, f.tile = Tiled, tile
	default:
		f.block = p.blockWord(value, at)
	}
	p.axisOption(f)
}

func (p *parser) blockWord(value string, at int) Block {
	for b, known := range blockWords {
		if known.name == value {
			return Block(b)
		}
	}
	p.fail(at, "unknown block %q; known are %s, or any other number or HxW", value, strings.Join(BlockNames(), " "))
	return PerTensor
}

// axisOption reads axis= of a format that has a tile.
func (p *parser) axisOption(f *Format) {
	value, at := p.option("axis")
	if value == "" {
		return
	}
	n, err := strconv.Atoi(value)
	switch {
	case f.block != Tiled:
		p.fail(at, "axis= says along which axis blocks of a number of neighbours lie: use it with block=32 or the like")
	case f.tile.Height > 0:
		p.fail(at, "tiles of HxW lie along the last two axes; leave axis= out")
	case value == "reduce":
		f.tile.Axis = ReduceAxis
	case err != nil || n < 0 || n > maxTileAxis || strconv.Itoa(n) != value:
		p.fail(at, "axis must be 0 to %d or reduce, got %q", maxTileAxis, value)
	default:
		f.tile.Axis = int8(n)
	}
}

// blockText is ",block=..." of a format whose blocks are not whole tensors, with the axis.
func (f Format) blockText() string {
	if f.block == PerTensor {
		return ""
	}
	return ",block=" + f.blockName()
}

// blockName is the name of the blocks, or the size of tiles and their axis if it is not the last.
func (f Format) blockName() string {
	if f.block == Tiled {
		return f.tile.size() + f.tile.axisText()
	}
	return f.block.String()
}
