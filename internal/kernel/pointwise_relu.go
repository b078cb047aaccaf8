package kernel

// reluPiece is how many elements are scaled at a time, so that they are compared in the nearest cache.
const reluPiece = 2048

// ScaledReLUGradient is the ReLUGradient of planes that ScaleShift gives: dst[i] is d[i] where p·x[i] + q >= 0, product and
// sum each rounded, and +0 elsewhere. Planes follow each other; the first one has the scale p[first] and the shift q[first],
// and behind the last of these come the first again.
func ScaledReLUGradient[T Float](dst, d, x []T, plane int, p, q []T, first int) {
	if len(dst) != len(d) || len(x) != len(d) || len(p) != len(q) || plane <= 0 || len(d)%plane != 0 {
		panic(badLength)
	}
	w := getWorkspace[T]()
	defer w.release()
	scaled := grow(&w.scratch, min(plane, reluPiece))
	for lo := 0; lo < len(d); {
		channel := (first + lo/plane) % len(p)
		hi := min(lo+reluPiece, (lo/plane+1)*plane)
		piece := scaled[:hi-lo]
		ScaleShift(piece, x[lo:hi], p[channel], q[channel])
		ReLUGradient(dst[lo:hi], d[lo:hi], piece)
		lo = hi
	}
}
