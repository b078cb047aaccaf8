package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/internal/kernel/isa"
)

// Cells have the bits of the reference however they are written, on any number of threads and with any instruction set, also
// with one sample and where each gate has formats of its own.
func TestLSTMCellsEqualReference(t *testing.T) {
	best := isa.Name()
	t.Cleanup(func() { require.NoError(t, isa.Use(best)) })
	for name, cell := range cells {
		build := func() model { return buildCells(tensor.Float32, 6, cell.build) }
		for _, policyName := range []string{"float32", "qpytorch8", "swalp8"} {
			p := shipped(t, policyName)
			want := runs(t, build(), p, 1, graph.Reference())
			for _, set := range []string{"go", "avx2", "avx512"} {
				if isa.Use(set) != nil {
					continue // this processor has it not
				}
				for _, threads := range []int{1, 2, 3, 7} {
					requireSameBits(t, want, runs(t, build(), p, 1, graph.WithThreads(threads)), "%s, %s, %s, %d threads", name, policyName, set, threads)
				}
			}
		}
	}
}

// Gates whose formats differ share what they can and no more.
func TestGatesWithFormatsOfTheirOwn(t *testing.T) {
	build := func() model { return buildCells(tensor.Float32, 6, cells["as in the books"].build) }
	for _, rules := range [][]string{
		{`{op: lstm, tensor: "cell/lstm*.f-*", format: "fixed:w8f5,rne,sat"}`, `{op: lstm, tensor: "cell/lstm*.g*", format: "float:e4m3fn,rne,sat"}`},
		{`{tensor: "cell/gx", format: "bfp:w4e8,block=channel,rne,sat"}`, `{tensor: "cell/fh", format: "fixed:w12f10,rne,sat"}`, `{tensor: "cell/oh", format: float32}`},
		{`{tensor: "cell/ix", format: "int:w8,scale=max,rne,sat"}`},                                            // which needs all rows
		{`{tensor: "cell/lstm3.h", format: float32}`, `{tensor: "cell/lstm4.h", format: "bfp:w12e8,rne,sat"}`}, // steps in time that differ
		{`{tensor: "cell/lstm*.h", format: "log2:w4g1,rne,sat"}`},                                              // no codes
	} {
		p := withRules(t, shipped(t, "swalp8"), rules...)
		want := runs(t, build(), p, 1, graph.Reference())
		for _, threads := range []int{1, 2, 3} {
			requireSameBits(t, want, runs(t, build(), p, 1, graph.WithThreads(threads)), "%s, %d threads", rules[0], threads)
		}
		paranoid := runs(t, build(), p, 1, graph.WithThreads(2), graph.WithParanoid())
		requireSameBits(t, want, paranoid, rules[0])
	}
}

// The gates' products of the state are one unit each step; those of the input are one unit of several steps in time where
// samples are few. Products of the state with what it comes about by never are.
func TestProductsThatRunTogether(t *testing.T) {
	const steps, layers = 12, 2
	for _, of := range []struct{ batch, threads, lefts int }{{50, 2, 1}, {16, 1, 3}, {16, 2, 6}, {4, 2, steps}, {1, 7, steps}} {
		m := stackedLSTM(tensor.Float32, of.batch, steps, layers, 5)
		program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"), graph.WithThreads(of.threads))
		require.NoError(t, err)
		units := program.Together()
		inputs, states := map[int]int{}, map[int]int{} // number of products by that of left factors
		for lefts, all := range units {
			for _, names := range all {
				in, state := 0, 0
				for _, gate := range []string{"i", "f", "g", "o"} {
					in, state = in+count(names, "."+gate+"-input"), state+count(names, "."+gate+"-state")
				}
				require.Zero(t, in%(4*lefts), "all gates: %v", names)
				require.Zero(t, state%(4*lefts), "all gates: %v", names)
				if in > 0 {
					inputs[lefts] += in
				}
				if state > 0 {
					states[lefts] += state
				}
			}
		}
		require.Equal(t, map[int]int{1: 4 * steps * layers}, states)
		require.Equal(t, map[int]int{of.lefts: 4 * steps * layers}, inputs, "%v", of)
		back := 0
		for _, names := range units[of.lefts] {
			back += count(names, "-input.grad-input")
		}
		require.Equal(t, 4*steps*(layers-1), back, "errors on the way back to the input of the second layer")
	}
}

// count is the number of names with an ending.
func count(names []string, ending string) int {
	n := 0
	for _, name := range names {
		if strings.HasSuffix(name, ending) {
			n++
		}
	}
	return n
}

// Any number of steps in time, of samples and of threads gives the bits of the reference, also where a unit has fewer steps
// than others.
func TestStacksOfStepsInTime(t *testing.T) {
	for _, of := range []struct{ batch, steps, threads int }{{1, 9, 1}, {1, 61, 2}, {2, 49, 1}, {3, 30, 2}, {5, 20, 3}, {14, 11, 7}, {24, 7, 1}} {
		build := func() model { return stackedLSTM(tensor.Float32, of.batch, of.steps, 2, 9) }
		for _, name := range []string{"float32", "swalp8", "qpytorch8", "fixed8"} {
			want := runs(t, build(), shipped(t, name), 1, graph.Reference())
			requireSameBits(t, want, runs(t, build(), shipped(t, name), 1, graph.WithThreads(of.threads)), "%v, %s", of, name)
		}
	}
}

// Two factors each of which is multiplied with what comes about by the other one: no product waits for one of the same
// factor, but all products of both would wait for each other.
func TestProductsThatWouldWaitForEachOther(t *testing.T) {
	build := func() model {
		g := gorgonia.NewGraph()
		m := model{}
		input := func(name string, rows, columns int) *gorgonia.Node {
			v := values(tensor.Float32, len(name)+columns, 0.5, rows, columns)
			return gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(rows, columns), gorgonia.WithName(name), gorgonia.WithValue(v))
		}
		const n = 6
		a, b := input("first/a", n, n), input("first/bb", n, n)
		m.parameters = gorgonia.Nodes{a, b}
		for i := range 24 {
			x := input(fmt.Sprintf("x%d", i), 3, n)
			y := hyp(times(hyp(times(x, a)), b))
			if i%2 == 1 {
				y = hyp(times(hyp(times(x, b)), a))
			}
			if m.output == nil {
				m.output = y
			} else {
				m.output = plus(m.output, y)
			}
		}
		m.loss = mean(must(gorgonia.Square(m.output)))
		return m
	}
	for _, name := range []string{"float32", "swalp8"} {
		want := runs(t, build(), shipped(t, name), 1, graph.Reference())
		for _, threads := range []int{1, 3} {
			requireSameBits(t, want, runs(t, build(), shipped(t, name), 1, graph.WithThreads(threads)), name)
		}
	}
	m := build()
	program, err := graph.Compile(m.loss, m.parameters, shipped(t, "float32"))
	require.NoError(t, err)
	forward := 0
	for _, names := range program.Together()[1] {
		require.Len(t, names, 1)
		forward += count(names, ".out")
	}
	require.Equal(t, 48, forward)
}
