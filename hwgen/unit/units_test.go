package unit

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/hwgen/circuit"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAccumulate tries all pairs of a small accumulator and a term that is narrower, as wide, or wider.
func TestAccumulate(t *testing.T) {
	for _, saturate := range []bool{false, true} {
		for _, termWidth := range []int{3, 5, 7} {
			p := &Parameters{Accumulator: circuit.Signed(5), Saturate: saturate}
			m := circuit.NewModule("Accumulate", "")
			total := m.Input("total", p.Accumulator, "")
			term := m.Input("term", circuit.Signed(termWidth), "")
			m.Output("out", p.accumulate(m, "sum", total, term), "")
			s := circuit.NewSimulator(m)
			lo, hi := circuit.Signed(termWidth).Range()
			for a := int64(-16); a < 16; a++ {
				for b := lo; b <= hi; b++ {
					want := p.Accumulator.Value(p.Accumulator.Bits(a + b))
					if saturate {
						want = max(-16, min(a+b, 15))
					}
					s.Set("total", a)
					s.Set("term", b)
					require.Equal(t, want, s.Get("out"), "%d + %d, saturate %v", a, b, saturate)
				}
			}
		}
	}
}

// TestHandshake sends numbers through pipelines of any depth under random valid and ready: all arrive, once, in order, and
// an output that waits does not change.
func TestHandshake(t *testing.T) {
	for n := range 5 {
		m := circuit.NewModule("Pipeline", "")
		valid, value := m.Input("in_valid", circuit.Bit, ""), m.Input("value", circuit.Unsigned(16), "")
		h := m.Instance("handshake", handshake(n), map[string]*circuit.Expr{
			"in_valid": valid, "out_ready": m.Input("out_ready", circuit.Bit, ""),
		})
		for i := range n {
			value = m.Pipe(fmt.Sprintf("data_%d", i+1), value, 1, h.Output(fmt.Sprintf("step_%d", i+1)))
		}
		m.Output("in_ready", h.Output("in_ready"), "")
		m.Output("out_valid", h.Output("out_valid"), "")
		m.Output("busy", h.Output("busy"), "")
		m.Output("out", value, "")

		s := circuit.NewSimulator(m)
		s.Reset()
		random := rand.New(rand.NewPCG(uint64(n), 1))
		var sent, received int64
		waiting := false
		for range 3000 {
			offer := random.IntN(3) > 0 || waiting && n == 0 // an offer stands until it is taken
			s.Set("in_valid", truth(offer))
			s.Set("value", sent)
			ready := random.IntN(3) > 0
			s.Set("out_ready", truth(ready))
			if waiting {
				require.EqualValues(t, 1, s.Get("out_valid"))
			}
			if s.Get("out_valid") == 1 {
				require.Equal(t, received, s.Get("out"), "depth %d", n)
				waiting = !ready
				received += truth(ready)
			}
			if offer && s.Get("in_ready") == 1 {
				sent++
			}
			s.Step()
			require.Equal(t, truth(sent > received), s.Get("busy"), "depth %d", n)
		}
		assert.Greater(t, received, int64(800))
	}
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// TestProcessingElement loads two weights and swaps between beats.
func TestProcessingElement(t *testing.T) {
	for multiply := range 3 {
		for add := 1; add < 3; add++ {
			p := parameters(t, "pipeline", fmt.Sprintf("{multiply: %d, add: %d, requantize: 1}", multiply, add))
			s := circuit.NewSimulator(p.processingElement())
			s.Set("advance", 1)
			beat := func(activation, swap, load, row, weight int64) {
				for name, v := range map[string]int64{"activation": activation, "swap": swap, "load": load, "load_row": row, "weight": weight} {
					s.Set(name, v)
				}
				s.Step()
			}
			settle := func() int64 {
				for range multiply + add - 1 {
					beat(0, 0, 0, 0, 0)
				}
				return s.Get("partial_sum_out")
			}
			beat(0, 0, 1, 0, 7)
			beat(0, 1, 1, 1, 99) // takes the 7 into use; the load is for the row below
			beat(-3, 0, 1, 0, -128)
			assert.EqualValues(t, -21, settle(), "the loaded weight waits")
			beat(-128, 1, 0, 0, 0)
			assert.EqualValues(t, 16384, settle(), "a swap acts on its own beat")
			s.Set("partial_sum", 100)
			beat(2, 0, 0, 0, 0)
			assert.EqualValues(t, 100-256, settle())
			s.Set("advance", 0)
			beat(5, 1, 1, 0, 5)
			assert.EqualValues(t, 100-256, s.Get("partial_sum_out"), "nothing moves without advance")
		}
	}
}

// TestDotTree adds lanes of any number, with and without registers.
func TestDotTree(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for _, lanes := range []int{1, 2, 3, 5, 8} {
		for add := range 3 {
			p := parameters(t, "array", fmt.Sprintf("{kind: dot, lanes: %d}", lanes), "pipeline",
				fmt.Sprintf("{multiply: %d, add: %d, requantize: 1}", add%2, add))
			s := circuit.NewSimulator(p.dotArray())
			for name, v := range map[string]int64{"advance": 1, "compute": 1, "first": 1, "bias_0": 1000} {
				s.Set(name, v)
			}
			for range 50 {
				want := int64(1000)
				for i := range lanes {
					a, w := random.Int64N(256)-128, random.Int64N(256)-128
					s.Set(fmt.Sprintf("activation_%d", i), a)
					s.Set(fmt.Sprintf("weight_%d", i), w)
					want += a * w
				}
				for range p.arrayLatency() {
					s.Step()
				}
				require.Equal(t, want, s.Get("total_0"), "%d lanes, %d registers behind adders", lanes, add)
			}
		}
	}
}
