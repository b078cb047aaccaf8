package kernel

import "unsafe"

// blockedTileArgs are the arguments of kernels that compute outputs in blocks, in quads of 4 places side by side:
//
//	output[segment.output + place·out][channel] = Σ over the terms t  source[segment.base + offsets[t] + place·in] · weights[t][channel]
//
// in ascending t, one FMA each from +0; in and out are distances in bytes. Kernels for codes of 8 bits take 4 source
// channels at a time, and groups of terms as int8TileArgs have them: their outputs are (corrections + sum)·scales.
// Every field has 8 bytes.
type blockedTileArgs struct {
	source, output      unsafe.Pointer
	segments            unsafe.Pointer // segment, one per quad; base and output in bytes
	count               int            // how often the kernel does its quads; it counts them down
	weights             unsafe.Pointer // terms × channels
	offsets             unsafe.Pointer // int32, in bytes
	terms               int            // at least 1
	pitch               int            // bytes from a block of outputs to the next
	corrections, scales unsafe.Pointer // int32 and float32
	groups              unsafe.Pointer // int8Group
	groupCount          int
}

// blockedTileKernel is an implementation for tiles of quads × blocks.
type blockedTileKernel struct {
	quads, blocks int
	run           func(*blockedTileArgs)
}

// quadPlaces is the number of places of a quad.
const quadPlaces = 4

// blockedTileGo is the plain form of the kernels, for one quad and block.
func blockedTileGo(t *blockedTileArgs, in, out int) {
	segments := unsafe.Slice((*segment)(t.segments), t.count)
	weights := unsafe.Slice((*float32)(t.weights), t.terms*blockChannels)
	offsets := unsafe.Slice((*int32)(t.offsets), t.terms)
	for _, s := range segments {
		for place := range quadPlaces {
			sum := unsafe.Slice((*float32)(unsafe.Add(t.output, s.output+place*out)), blockChannels)
			clear(sum)
			for l, offset := range offsets {
				x := *(*float32)(unsafe.Add(t.source, s.base+int(offset)+place*in))
				fmaRow(sum, weights[l*blockChannels:(l+1)*blockChannels], x)
			}
		}
	}
	t.count = 0
}

// blockedOuterArgs are the arguments of kernels that add to totals their sums over the places of a plane:
//
//	output[16·tap + channel][i] += Σ over the places l  source[l + tap][channel] · vectors[l][i]
//
// in row-major order of the places, one FMA each from +0, then one addition. Kernels for codes of 8 bits take 4 places at
// a time, those of source already turned into quads: output += (corrections + sum)·scale. Every field has 8 bytes.
type blockedOuterArgs struct {
	source, vectors unsafe.Pointer
	vectorPitch     int // bytes from a block of vectors to the next
	output          unsafe.Pointer
	pitch           int            // bytes from a block of outputs to the next
	lines, columns  int            // of the plane, at least 1; the kernel counts lines down
	step            int            // bytes from a source place to that of the next column
	skip            int            // bytes from the place after a line's last column to that of the next line's first
	quads           int            // of the plane, at least 1
	corrections     unsafe.Pointer // int32
	scale           float64
}

// blockedOuterKernel is an implementation for rectangles of taps × channels × blocks.
type blockedOuterKernel struct {
	channels, blocks int
	run              func(*blockedOuterArgs)
}

// blockedOuterGo is the plain form of the kernels, for one channel and block.
func blockedOuterGo(t *blockedOuterArgs, taps int) {
	vectors := unsafe.Slice((*float32)(t.vectors), t.lines*t.columns*blockChannels)
	for tap := range taps {
		var sum [blockChannels]float32
		for line := range t.lines {
			for column := range t.columns {
				place := line*t.columns + column
				x := *(*float32)(unsafe.Add(t.source, place*t.step+line*t.skip+tap*blockBytes))
				fmaRow(sum[:], vectors[place*blockChannels:(place+1)*blockChannels], x)
			}
		}
		out := unsafe.Slice((*float32)(unsafe.Add(t.output, tap*blockChannels*blockBytes)), blockChannels)
		for i, x := range sum {
			out[i] += x
		}
	}
	t.lines = 0
}

// blockedTileKernelGo is the plain kernel for distances of places; in is 0 if the source are planes.
func blockedTileKernelGo(in, out int) blockedTileKernel {
	inBytes := in * blockBytes
	if in == 0 {
		inBytes = 4
	}
	return blockedTileKernel{1, 1, func(t *blockedTileArgs) { blockedTileGo(t, inBytes, out*blockBytes) }}
}

func blockedOuterKernelGo(taps int) blockedOuterKernel {
	return blockedOuterKernel{1, 1, func(t *blockedOuterArgs) { blockedOuterGo(t, taps) }}
}
