package datasets

import "github.com/halftone-go/halftone/qops/number"

// words yields the random words of a stream's execution in the domain Data, in order: word i is word i%4 of the Philox
// block i/4.
type words struct {
	key       [2]uint32
	execution uint32
	block     uint32
	buffer    [4]uint32
	left      int
}

func newWords(seed uint64, name string, execution uint32) *words {
	return &words{key: number.NewStream(seed, name).Key, execution: execution}
}

func (w *words) next() uint32 {
	if w.left == 0 {
		w.buffer = number.Philox([4]uint32{w.block, 0, w.execution, uint32(number.Data)}, w.key)
		w.block++
		w.left = len(w.buffer)
	}
	word := w.buffer[len(w.buffer)-w.left]
	w.left--
	return word
}

// below returns a number of 0 to n-1 from one word r: r*n / 2^32, rounded down. The probabilities of any two differ by at
// most a factor of 1 + n/2^32.
func (w *words) below(n int) int {
	return int(uint64(w.next()) * uint64(n) >> 32)
}

// Permutation returns the order in which an epoch visits n samples: the numbers 0 to n-1, shuffled by Fisher and
// Yates' method (for i = n-1 down to 1, swap places i and j, j uniform in 0 to i) with the words of the stream
// "data/shuffle" in execution epoch. It is a pure function of its arguments.
func Permutation(seed uint64, epoch uint32, n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	random := newWords(seed, "data/shuffle", epoch)
	for i := n - 1; i > 0; i-- {
		j := random.below(i + 1)
		order[i], order[j] = order[j], order[i]
	}
	return order
}
