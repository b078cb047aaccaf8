package kernel

import "unsafe"

// int8PackArgs are the arguments of kernels that pack codes of 8 bits, plus 128, from rows of float32:
//
//	interleave  dst[4j + i] = src[i][j]·scales[i] + 128 for four planes i
//	plain       dst[j] = src[0][j]·scales[0] + 128
//	split       dst[j] = src[0][2j]·scales[0] + 128, odd[j] = src[0][2j+1]·scales[0] + 128
//
// A row is whole vectors of 16 columns, then a rest of less. In plain and split, flip is combined with every byte by
// exclusive or; 128 takes the 128 away again. wrong is set to nonzero if a value times the scale is none from -128 to 127.
// Every field has 8 bytes.
type int8PackArgs struct {
	src                [4]unsafe.Pointer
	dst, odd           unsafe.Pointer
	rows               int // at least 1; the kernel counts them down
	vectors, rest      int
	srcPitch, dstPitch int // bytes
	flip, wrong        uint64
	scales             [4]float32
}

// int8TileArgs are the arguments of kernels that compute outputs in quads of 4 neighbours, by vectors of 16 channels, as many
// quads at a time as the kernel's name says:
//
//	output[channel·pitch + segment.output + place] = (corrections[channel] + sum) · scales[channel]   for place < 4
//	sum = Σ over groups and their terms t  Σ over i < 4  source[segment.base + offsets[t] + 4·step·place + i] · weights[t][channel][i]
//
// in arithmetic modulo 2^32. Before each group, what has been summed is shifted left as the group says. Every field has 8
// bytes.
type int8TileArgs struct {
	source      unsafe.Pointer // uint8
	output      unsafe.Pointer // float32: of the tile's first channel
	segments    unsafe.Pointer // segment, one per quad; base in bytes
	count       int            // how often the kernel does its quads; it counts them down
	weights     unsafe.Pointer // int8: terms × channels × 4
	offsets     unsafe.Pointer // int32, in bytes
	groups      unsafe.Pointer // int8Group
	groupCount  int
	corrections unsafe.Pointer // int32
	scales      unsafe.Pointer // float32
	pitch       int            // bytes from a channel of outputs to the next
}

// int8Group is a number of terms, at least 1, and the shift before them.
type int8Group struct{ terms, shift int }

// int8OuterArgs are the arguments of kernels that add to a rectangle of 8 rows × channels totals their sums over the
// positions of samples' planes, 4 at a time:
//
//	sum = corrections[sample][channel] + Σ over quads l  Σ over i < 4  rows[r][l·4 + i] · vectors[sample][l][channel][i]
//
// Totals in float32 get sum·scales[sample] of one sample after the other, each addition rounded. For those in float64,
// sums are added in arithmetic modulo 2^32 first, what has been summed shifted left by shifts[sample] before, and then
// multiplied by scale. Every field has 8 bytes.
type int8OuterArgs struct {
	rows         [8]unsafe.Pointer // uint8: each row's first position
	vectors      unsafe.Pointer    // int8
	corrections  unsafe.Pointer    // int32
	scales       unsafe.Pointer    // float32
	shifts       unsafe.Pointer    // int
	scale        float64
	output       unsafe.Pointer
	pitch        int // bytes from a row of outputs to the next
	samples      int // at least 1
	done         int // samples; 0, and the kernel counts them up
	lines, quads int // of a plane, at least 1
	left         int // lines, for the kernel
	skip         int // bytes from the end of a line's last quad to the next line's first
	sampleSkip   int // bytes from where a line would follow a sample's last to the next sample's first position
}
