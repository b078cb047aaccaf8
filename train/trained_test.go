package train

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/qops/number"
)

// withSmall gives Open what no run.json can hold.
func withSmall(c *Config) { c.Set, c.Build = smallSet(), smallNet }

// The network of a folder is that which the run ended with.
func TestOpen(t *testing.T) {
	for name, c := range runs(t) {
		t.Run(name, func(t *testing.T) {
			c.Out = filepath.Join(t.TempDir(), "a")
			result := mustRun(t, c)
			opened, err := Open(t.Context(), c.Out, func(o *Config) {
				o.Set, o.Build, o.DataDir, o.Threads = c.Set, c.Build, c.DataDir, 2
			})
			require.NoError(t, err)
			assert.Equal(t, c.Steps, opened.Step)
			for i, p := range result.Trained.Program.Parameters() {
				assert.Equal(t, p.Value.F32, opened.Program.Parameters()[i].Value.F32, p.Name)
				assert.Same(t, opened.Program.Parameters()[i], opened.Parameter(p.Name))
			}
			assert.Equal(t, copyStatistics(result.Trained.Program), copyStatistics(opened.Program))
			m, err := opened.Evaluate(t.Context())
			require.NoError(t, err)
			last := result.Rows[len(result.Rows)-1]
			assert.Equal(t, last.Metrics, m)
		})
	}
}

func TestOpenFindsByName(t *testing.T) {
	trained := mustRun(t, small(t, "float32", "sgd")).Trained
	assert.Equal(t, "stem/conv.weight", trained.Parameter("stem/conv.weight").Name)
	assert.Nil(t, trained.Parameter("stem"))
	assert.Len(t, trained.BatchNorm("stem/batchnorm1").Running.Mean, 6)
	assert.Nil(t, trained.BatchNorm("stem/batchnorm2"))
	assert.Equal(t, 21, trained.Config.Set.Count(datasets.Test))
}

func TestOpenRefusesOtherData(t *testing.T) {
	c := runs(t)["lstm"]
	c.Out, c.Steps = filepath.Join(t.TempDir(), "a"), 1
	mustRun(t, c)
	dir := textDir(t)
	set, err := datasets.LoadText("tinyshakespeare", dir)
	require.NoError(t, err)
	_, err = Open(t.Context(), c.Out, func(o *Config) { o.DataDir = t.TempDir() })
	assert.ErrorContains(t, err, "halftone data get tinyshakespeare")
	_, err = Open(t.Context(), c.Out, func(o *Config) {
		other := *smallSet()
		o.Set, o.Model, o.Build = &other, "small", smallNet
	})
	assert.ErrorContains(t, err, "with the checksum "+set.Info().Checksum)
	_, err = Open(t.Context(), t.TempDir())
	assert.ErrorContains(t, err, "is no folder of a run")
}

// Another rounding changes formats that round, in rules too, and nothing in the policy that was given.
func TestWithRounding(t *testing.T) {
	p := shipped(t, "swalp8")
	f := number.MustParse("fixed:w8f4,sr,sat")
	p.Rules = []policy.Rule{
		{Match: "stem", Formats: map[policy.Role]number.Format{policy.Weight: f}},
		{Tensor: "fc/weight", Format: &f},
	}
	before := string(p.YAML())
	rne, err := number.ParseRounding("rne")
	require.NoError(t, err)
	got := WithRounding(p, rne)
	assert.Equal(t, before, string(p.YAML()))
	assert.Equal(t, "bfp:w8e8,block=channel,rne,sat", got.Default[policy.Weight].String())
	assert.Equal(t, "float32", got.Default[policy.Loss].String())
	assert.Equal(t, "fixed:w8f4,rne,sat", got.Rules[0].Formats[policy.Weight].String())
	assert.Equal(t, "fixed:w8f4,rne,sat", got.Rules[1].Format.String())

	c := small(t, "swalp8", "lp-sgd")
	c.Out = filepath.Join(t.TempDir(), "a")
	mustRun(t, c)
	opened, err := Open(t.Context(), c.Out, withSmall, func(c *Config) { c.Policy = WithRounding(c.Policy, rne) })
	require.NoError(t, err)
	m, err := opened.Evaluate(t.Context())
	require.NoError(t, err)
	plain, err := Open(t.Context(), c.Out, withSmall)
	require.NoError(t, err)
	n, err := plain.Evaluate(t.Context())
	require.NoError(t, err)
	assert.NotEqual(t, n.Loss, m.Loss)
	assert.InDelta(t, n.Loss, m.Loss, 0.2)
}
