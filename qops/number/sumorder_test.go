package number

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSumOrders(t *testing.T) {
	for _, s := range []string{"acc:w20,sat,order=seq", "fixed:w16f4,rne,sat,order=block8", "float:e6m5ieee,rne,sat,order=tree16"} {
		f, err := Parse(s)
		require.NoError(t, err)
		require.Equal(t, s, f.String())
		require.True(t, f.IsSum())
		plain := f.WithSumOrder(NoOrder)
		require.NotEqual(t, f, plain)
		require.Equal(t, f.Kind() == "acc", plain.IsSum())
		require.Equal(t, f, plain.WithSumOrder(f.SumOrder()))
		_, err = Quantize(f, []float32{1}, []float32{1}, []int{1}, Options{})
		require.Error(t, err, "%s is no format of a tensor", s)
	}
	for _, s := range []string{"float32", "exact", "acc:w20,wrap", "bfp:w8e8,rne,sat"} {
		f := MustParse(s)
		require.Equal(t, f, f.WithSumOrder(Sequential), s)
	}
	for s, wrong := range map[string]string{
		"acc:w20,wrap,order=seq":       "does not depend on the order",
		"acc:w20,order=sec,sat":        `unknown order "sec"`,
		"bfp:w8e8,rne,sat,order=seq":   "unknown option",
		"float:e5m2ieee,rne,sat,top=3": "float takes no option",
		"acc:w20,sat,order=":           "value of order= is missing",
	} {
		_, err := Parse(s)
		require.ErrorContains(t, err, wrong)
	}
}
