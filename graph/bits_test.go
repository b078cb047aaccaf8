package graph_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireSameBits is require.Equal of values that hold floats, for which -0 is not +0 and a NaN is any other NaN.
func requireSameBits(t *testing.T, want, got any, what ...any) {
	t.Helper()
	require.Equal(t, patterns(reflect.ValueOf(want)), patterns(reflect.ValueOf(got)), what...)
}

// patterns puts the bits of floats in their place.
func patterns(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		return pattern(v.Float())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Float32 || v.Type().Elem().Kind() == reflect.Float64 {
			out := make([]uint64, v.Len())
			for i := range out {
				out[i] = pattern(v.Index(i).Float())
			}
			return out
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = patterns(v.Index(i))
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, key := range v.MapKeys() {
			out[fmt.Sprint(key)] = patterns(v.MapIndex(key))
		}
		return out
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			out[v.Type().Field(i).Name] = patterns(v.Field(i))
		}
		return out
	}
	return fmt.Sprint(v)
}

// pattern is the bits of a float, the same for all NaN.
func pattern(x float64) uint64 {
	if x != x {
		return math.MaxUint64
	}
	return math.Float64bits(x)
}

// What compares bits tells zeros apart, and all floats that stand in structs, slices and maps.
func TestBitsAreCompared(t *testing.T) {
	type inner struct{ values [][]float32 }
	type outer struct {
		of   map[string]inner
		name string
	}
	of := func(x float32, name string) outer {
		return outer{map[string]inner{"a": {[][]float32{{1, 2}, {x}}}}, name}
	}
	negative := float32(math.Copysign(0, -1))
	same := func(a, b any) bool {
		return reflect.DeepEqual(patterns(reflect.ValueOf(a)), patterns(reflect.ValueOf(b)))
	}
	require.True(t, same(of(negative, "n"), of(negative, "n")))
	require.True(t, same(of(float32(math.NaN()), "n"), of(-float32(math.NaN()), "n")))
	for _, other := range []outer{of(0, "n"), of(1, "n"), of(negative, "m")} {
		require.False(t, same(of(negative, "n"), other))
	}
}
