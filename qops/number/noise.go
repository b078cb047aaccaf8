package number

// noisePiece is the number of elements whose signal and noise are summed at a time, while they are in the first-level
// cache. Pieces are what threads share out.
const noisePiece = 4096

// noise holds sums over a piece of a tensor: x^2, and (x-Q(x))^2.
type noise struct{ signal, noise float64 }

// noiseOf sums in four lanes, element i in lane i%4, and then ((0+1)+(2+3)).
func noiseOf[T Float](before, after []T) noise {
	var signal, difference [4]float64
	for i, v := range before {
		x, q := float64(v), float64(after[i])
		if x-x != 0 {
			continue
		}
		signal[i%4] += float64(x * x)
		if d := x - q; d-d == 0 {
			difference[i%4] += float64(d * d)
		}
	}
	sum := func(s [4]float64) float64 { return (s[0] + s[1]) + (s[2] + s[3]) }
	return noise{sum(signal), sum(difference)}
}
