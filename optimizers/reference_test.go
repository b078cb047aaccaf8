package optimizers

import (
	"math"
	"math/big"
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// This file holds a second implementation of SVRG, LP-SVRG and HALP, written from the papers' pseudo-code as two nested loops
// over plain slices. It shares no code with the package: it rounds by the scalar definition of formats, and takes batches
// from the random bits with whole numbers of any size.

// reference runs outer loops of length steps and returns the weights after every inner step.
type reference[T element] struct {
	problem  *toy[T]
	rate     T
	momentum T
	decay    T
	length   int
	mu       float64
	global   bool
	formats  Formats
	offset   bool // HALP: the inner loop moves an offset
	seed     uint64
}

// onGrid rounds one element of a tensor in the step with the given number.
func (r reference[T]) onGrid(f number.Format, scale float64, name string, step, j int, x T) T {
	if f == (number.Format{}) {
		return x
	}
	draw := number.Draw{Stream: number.NewStream(r.seed, name), Execution: uint32(step)}
	code, _ := f.Round(float64(x), scale, 0, uint32(draw.Bits(uint64(j))))
	return T(float64(code) * scale)
}

// pick is the batch of an inner step: floor(n * word / 2^64).
func (r reference[T]) pick(outer, inner, n int) int {
	draw := number.Draw{Stream: number.NewStream(r.seed, "optimizer/batch"), Execution: uint32(outer), Domain: number.Data}
	word := new(big.Int)
	for k := 3; k >= 0; k-- {
		word.Lsh(word, 16).Or(word, big.NewInt(int64(draw.Bits(uint64(4*inner+k)))))
	}
	return int(word.Mul(word, big.NewInt(int64(n))).Rsh(word, 64).Int64())
}

func (r reference[T]) run(outers int) (iterates [][][]T) {
	w := r.problem.weights()
	velocity := r.problem.weights()
	for i := range velocity {
		clear(velocity[i])
	}
	step := 0
	for outer := range outers {
		n := r.problem.batches
		gradient := func(batch, i, j int, w T) T {
			pass := Pass{Domain: number.FullGradient, Execution: uint32(outer*n + batch)}
			return r.problem.gradientAt(outer, batch, pass, i, j, w) + r.decay*w
		}
		anchor, full, z := r.problem.weights(), r.problem.weights(), r.problem.weights()
		var squares []float64
		total := 0.0
		for i := range w {
			copy(anchor[i], w[i])
			clear(z[i])
			own := 0.0
			for j := range w[i] {
				sum := 0.0
				for batch := range n {
					sum += float64(gradient(batch, i, j, w[i][j]))
				}
				full[i][j] = T(sum / float64(n))
				own += float64(full[i][j]) * float64(full[i][j])
				total += float64(full[i][j]) * float64(full[i][j])
			}
			squares = append(squares, own)
		}
		for inner := range r.length {
			batch := r.pick(outer, inner, n)
			snapshot := make([][]T, len(w))
			for i := range w {
				scale := 1.0 / 64 // of the master format fixed:w8f6
				name := r.problem.parameters[i].Name
				if r.offset {
					norm := math.Sqrt(squares[i])
					if r.global {
						norm = math.Sqrt(total)
					}
					scale = float64(T(norm / (r.mu * 127)))
				}
				for j := range w[i] {
					g := gradient(batch, i, j, w[i][j]) - gradient(batch, i, j, anchor[i][j]) + full[i][j]
					v := r.momentum*velocity[i][j] + g
					if r.momentum != 0 {
						v = r.onGrid(r.formats.Momentum, 1.0/32, name+".momentum", step, j, v)
					}
					velocity[i][j] = v
					if r.offset {
						z[i][j] = r.onGrid(r.formats.Offset, scale, name+".offset", step, j, z[i][j]-r.rate*v)
						w[i][j] = anchor[i][j] + z[i][j]
					} else {
						w[i][j] = r.onGrid(r.formats.Master, scale, name+".master", step, j, w[i][j]-r.rate*v)
					}
				}
				snapshot[i] = append([]T(nil), w[i]...)
			}
			iterates = append(iterates, snapshot)
			step++
		}
	}
	return iterates
}

// referenceCase is an optimizer with options and the reference's form of them.
type referenceCase struct {
	name, optimizer string
	options         []string
	formats         Formats
	momentum, decay float64
	offset, global  bool
}

func TestStepByStepAgainstReference(t *testing.T) {
	low := Formats{
		Momentum: number.MustParse("fixed:w8f5,sr,sat"),
		Master:   number.MustParse("fixed:w8f6,sr,sat"),
		Offset:   number.MustParse("int:w8,scale=run,sr,sat"),
	}
	nearest := Formats{Offset: number.MustParse("int:w8,scale=run,rne,sat")}
	cases := []referenceCase{
		{name: "svrg", optimizer: "svrg"},
		{name: "svrg ignores formats", optimizer: "svrg", formats: Formats{Master: low.Master}},
		{name: "svrg with momentum and decay", optimizer: "svrg", options: []string{"momentum=0.9", "decay=0.01"}, momentum: 0.9, decay: 0.01},
		{name: "lp-svrg without rounding", optimizer: "lp-svrg"},
		{name: "lp-svrg", optimizer: "lp-svrg", options: []string{"momentum=0.5", "decay=0.01"}, formats: low, momentum: 0.5, decay: 0.01},
		{name: "halp without rounding", optimizer: "halp", offset: true},
		{name: "halp per tensor", optimizer: "halp", formats: low, offset: true},
		{name: "halp global", optimizer: "halp", options: []string{"scale=global"}, formats: low, offset: true, global: true},
		{name: "halp to nearest", optimizer: "halp", formats: nearest, offset: true},
		{name: "halp with momentum and decay", optimizer: "halp", options: []string{"momentum=0.5", "decay=0.01"}, formats: low, momentum: 0.5, decay: 0.01, offset: true},
	}
	for _, c := range cases {
		t.Run(c.name+"/float32", func(t *testing.T) { compareWithReference[float32](t, c) })
		t.Run(c.name+"/float64", func(t *testing.T) { compareWithReference[float64](t, c) })
	}
}

func compareWithReference[T element](t *testing.T, c referenceCase) {
	const outers, length, rate, mu = 4, 7, 0.05, 1.5
	formats := c.formats
	if c.optimizer == "svrg" {
		formats = Formats{}
	}
	want := reference[T]{
		problem: newToy[T](c.formats), rate: rate, momentum: T(c.momentum), decay: T(c.decay), length: length,
		mu: mu, global: c.global, formats: formats, offset: c.offset, seed: 42,
	}.run(outers)

	problem := newToy[T](c.formats)
	options := append([]string{"lr=0.05", "T=7"}, c.options...)
	if c.offset {
		options = append(options, "mu=1.5")
	}
	o := mustNew(t, mustParse(t, c.optimizer, options...), problem)
	for step := range want {
		result := mustStep(t, o)
		require.Equal(t, want[step], problem.weights(), "weights after step %d", step)
		assert.Equal(t, step+1, result.Step)
		assert.Equal(t, []int{step / length, step % length}, []int{result.Outer, result.Inner})
		assert.Equal(t, step%length == 0, result.FullGradient)
	}
}

// HALP's offsets are whole multiples of |g~|/(mu*127), and its weights are not.
func TestHALPGrid(t *testing.T) {
	for _, scale := range []Scale{PerTensor, Global} {
		problem := newToy[float64](lowPrecision())
		c := &HALP{Descent: Descent{LearningRate: 0.05}, Mu: 0.5, Scale: scale}
		o := mustNew(t, c, problem)
		for range 3 {
			mustStep(t, o)
		}
		s := o.State()
		full, err := load[float64](s, problem.parameters, "full-gradient")
		require.NoError(t, err)
		z, err := load[float64](s, problem.parameters, "offset")
		require.NoError(t, err)
		for i := range z {
			length := norm(full[i])
			if scale == Global {
				length = norm(full...)
			}
			step := length / (0.5 * 127)
			moved := false
			for _, x := range z[i] {
				assert.InDelta(t, math.Round(x/step), x/step, 1e-9)
				assert.LessOrEqual(t, math.Abs(x/step), 128.0)
				moved = moved || x != 0
			}
			assert.True(t, moved)
		}
	}
}

func TestHALPCentresAndClips(t *testing.T) {
	problem := newToy[float64](lowPrecision())
	// The box of z has half the size of one full step, so it must act.
	o := mustNew(t, &HALP{Descent: Descent{LearningRate: 0.2}, Reduction: Reduction{Length: Span{Count: 30}}, Mu: 20}, problem)
	start := problem.weights()
	clipped := uint64(0)
	for range 30 {
		clipped += mustStep(t, o).Rounded[RoleOffset].Clipped
	}
	assert.Positive(t, clipped)
	for _, name := range []string{"layer/w.offset", "layer/w.anchor", "layer/w.full-gradient"} {
		assert.Nil(t, o.State().tensor(name), "between outer loops no %s is needed", name)
	}
	w := problem.weights()
	mustStep(t, o)
	anchor, err := load[float64](o.State(), problem.parameters, "anchor")
	require.NoError(t, err)
	assert.Equal(t, w, anchor, "the next outer loop starts at w~ + z")
	assert.NotEqual(t, start, anchor)
}

func TestHALPWithoutGradientStays(t *testing.T) {
	for _, scale := range []Scale{PerTensor, Global} {
		problem := newToy[float32](lowPrecision())
		problem.noise = false
		problem.flat["layer/b"] = true
		o := mustNew(t, &HALP{Descent: Descent{LearningRate: 0.05}, Mu: 1, Scale: scale}, problem)
		start := problem.weights()
		for range 12 {
			mustStep(t, o)
		}
		assert.Equal(t, start[1], problem.weights()[1], "no gradient, no motion")
		assert.NotEqual(t, start[0], problem.weights()[0])
	}
}

// A point-sized box holds the weights even against momentum from earlier outer loops.
func TestHALPWithoutGradientStopsMomentum(t *testing.T) {
	problem := newToy[float32](lowPrecision())
	problem.noise = false
	o := mustNew(t, &HALP{Descent: Descent{LearningRate: 0.05, Momentum: 0.9}, Mu: 1}, problem)
	for range problem.batches {
		mustStep(t, o)
	}
	problem.flat["layer/w"], problem.flat["layer/b"] = true, true
	stopped := problem.weights()
	for range 12 {
		mustStep(t, o)
		require.Equal(t, stopped, problem.weights())
	}
}
