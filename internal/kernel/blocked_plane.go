package kernel

import "unsafe"

// Sums and elementwise functions over a block: places of 16 channels, each of which has its own numbers. Sums take each
// channel's terms in the order that sums over its plane have, so that they are the same; see plane.go.

type (
	// BlockSums are sums over a block, one per channel.
	BlockSums [blockChannels]float64
	// BlockScalars are numbers of a block's channels.
	BlockScalars [blockChannels]float32
)

// Sum sets s to the sums of x.
func (s *BlockSums) Sum(x []float32) {
	if s.run(opBlockSum, x, nil, nil) {
		return
	}
	s.plain(len(x), func(terms *BlockSums, at int) {
		for c, v := range x[at : at+blockChannels] {
			terms[c] = float64(v)
		}
	})
}

// Dot sets s to the sums of x[i]·y[i], each product rounded to float64.
func (s *BlockSums) Dot(x, y []float32) {
	if len(x) != len(y) {
		panic(badLength)
	}
	if s.run(opBlockDot, x, y, nil) {
		return
	}
	s.plain(len(x), func(terms *BlockSums, at int) {
		other := y[at : at+blockChannels]
		for c, v := range x[at : at+blockChannels] {
			terms[c] = float64(float64(v) * float64(other[c]))
		}
	})
}

// Squares sets s to the sums of (x[i] - center)², difference and square rounded to float64.
func (s *BlockSums) Squares(x []float32, centers *BlockSums) {
	if s.run(opBlockSquares, x, nil, centers) {
		return
	}
	s.plain(len(x), func(terms *BlockSums, at int) {
		for c, v := range x[at : at+blockChannels] {
			d := float64(v) - centers[c]
			terms[c] = float64(d * d)
		}
	})
}

// plain sums what term makes of the places.
func (s *BlockSums) plain(n int, term func(terms *BlockSums, at int)) {
	var lanes [sumLanes]BlockSums
	var terms BlockSums
	for at := 0; at < n; at += blockChannels {
		term(&terms, at)
		lane := &lanes[at/blockChannels%sumLanes]
		for c, v := range terms {
			lane[c] += v
		}
	}
	for c := range s {
		var l [sumLanes]float64
		for i := range l {
			l[i] = lanes[i][c]
		}
		s[c] = foldLanes(&l)
	}
}

func (s *BlockSums) run(op blockedOp, x, y []float32, centers *BlockSums) bool {
	checkBlock(x)
	args := blockedPlaneArgs{x: address(x), y: address(y), n: len(x) / blockChannels, result: unsafe.Pointer(s)}
	if centers != nil {
		args.y = unsafe.Pointer(centers)
	}
	return blockedPlaneKernel(op, &args)
}

func checkBlock(x []float32) {
	if len(x) == 0 || len(x)%blockChannels != 0 {
		panic(badLength)
	}
}

// BlockScaleShift sets dst[i] = p·x[i] + q.
func BlockScaleShift(dst, x []float32, p, q *BlockScalars) {
	if blockPointwise(opBlockScaleShift, dst, x, x, p, q, q) {
		return
	}
	for at := 0; at < len(x); at += blockChannels {
		to := dst[at : at+blockChannels]
		for c, v := range x[at : at+blockChannels] {
			to[c] = float32(p[c]*v) + q[c]
		}
	}
}

// BlockNormalise sets dst[i] = (x[i] - p)·q.
func BlockNormalise(dst, x []float32, p, q *BlockScalars) {
	if blockPointwise(opBlockNormalise, dst, x, x, p, q, q) {
		return
	}
	for at := 0; at < len(x); at += blockChannels {
		to := dst[at : at+blockChannels]
		for c, v := range x[at : at+blockChannels] {
			to[c] = float32(v-p[c]) * q[c]
		}
	}
}

// BlockNormaliseGradient sets dst[i] = ((x[i] - p) - y[i]·q)·r.
func BlockNormaliseGradient(dst, x, y []float32, p, q, r *BlockScalars) {
	if blockPointwise(opBlockNormaliseGradient, dst, x, y, p, q, r) {
		return
	}
	for at := 0; at < len(x); at += blockChannels {
		to, other := dst[at:at+blockChannels], y[at:at+blockChannels]
		for c, v := range x[at : at+blockChannels] {
			to[c] = float32(float32(v-p[c])-float32(other[c]*q[c])) * r[c]
		}
	}
}

// BlockScaledReLUGradient is ScaledReLUGradient of a block: dst[i] is d[i] where p·x[i] + q >= 0, and +0 elsewhere.
func BlockScaledReLUGradient(dst, d, x []float32, p, q *BlockScalars) {
	if len(dst) != len(d) || len(x) != len(d) {
		panic(badLength)
	}
	w := getWorkspace[float32]()
	defer w.release()
	scaled := grow(&w.scratch, min(len(d), reluPiece))
	for lo := 0; lo < len(d); lo += reluPiece {
		hi := min(lo+reluPiece, len(d))
		BlockScaleShift(scaled[:hi-lo], x[lo:hi], p, q)
		ReLUGradient(dst[lo:hi], d[lo:hi], scaled[:hi-lo])
	}
}

func blockPointwise(op blockedOp, dst, x, y []float32, p, q, r *BlockScalars) bool {
	checkBlock(x)
	if len(dst) != len(x) || len(y) != len(x) {
		panic(badLength)
	}
	args := blockedPlaneArgs{dst: address(dst), x: address(x), y: address(y), n: len(x) / blockChannels}
	for i, s := range []*BlockScalars{p, q, r} {
		args.scalars[i] = unsafe.Pointer(s)
	}
	return blockedPlaneKernel(op, &args)
}

type blockedOp int

const (
	opBlockSum blockedOp = iota
	opBlockDot
	opBlockSquares
	opBlockScaleShift
	opBlockNormalise
	opBlockNormaliseGradient
)

// unroll is the number of places that the kernels take at a time.
func (op blockedOp) unroll() int {
	if op < opBlockScaleShift {
		return sumLanes
	}
	return 2
}

// blockedPlaneArgs are the arguments of kernels of sums and elementwise functions over n places. y are the second operand,
// or the centers in float64. Every field has 8 bytes.
type blockedPlaneArgs struct {
	dst, x, y unsafe.Pointer
	n         int
	scalars   [3]unsafe.Pointer
	result    unsafe.Pointer
}
