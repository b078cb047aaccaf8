package train

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMetricsRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rows, err := ReadMetrics(dir)
	assert.NoError(t, err)
	assert.Empty(t, rows, "a run that has not been evaluated yet")
	for _, text := range []bool{false, true} {
		want := []Row{
			{Step: 3, Epoch: 1. / 3, TrainLoss: 0.1 + 0.2, Metrics: Metrics{Text: text, Loss: 2}, Seconds: 1.25},
			{Step: 6, Epoch: 2. / 3, TrainLoss: 1e-9, Metrics: Metrics{Text: text, Loss: math.Inf(1)}, Seconds: 100},
		}
		if text {
			want[0].Perplexity = 7.4
		} else {
			want[0].Accuracy = 0.5
		}
		require.NoError(t, writeMetrics(dir, text, want))
		got, err := ReadMetrics(dir)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	data, err := os.ReadFile(filepath.Join(dir, MetricsFile))
	require.NoError(t, err)
	assert.Equal(t, "step,epoch,train_loss,val_loss,val_perplexity,seconds", strings.Split(string(data), "\n")[0])
}

func TestForeignMetrics(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "header"},
		{"a,b\n", "the columns are [a b]"},
		{"step,epoch,train_loss,val_loss,val_accuracy\n", "the columns are"},
		{"step,epoch,train_loss,val_loss,val_accuracy,seconds\nx,1,1,1,1,1\n", `row 1: the step "x"`},
		{"step,epoch,train_loss,val_loss,val_accuracy,seconds\n1,1,1,1,1,1\n2,1,1,much,1,1\n", `row 2: val_loss "much"`},
		{"step,epoch,train_loss,val_loss,val_accuracy,seconds\n1,1\n", "wrong number of fields"},
	} {
		_, err := parseMetrics(strings.NewReader(test.text))
		assert.ErrorContains(t, err, test.want, test.text)
	}
}

func FuzzParseMetrics(f *testing.F) {
	f.Add([]byte("step,epoch,train_loss,val_loss,val_accuracy,seconds\n1,1,1,1,1,1\n"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		_, _ = parseMetrics(bytes.NewReader(text))
	})
}
