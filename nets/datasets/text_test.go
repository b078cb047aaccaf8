package datasets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func readString(s string) (*Text, error) {
	t := new(Text)
	return t, readText("tinyshakespeare", "input.txt", strings.NewReader(s), t)
}

func TestReadText(t *testing.T) {
	text, err := readString(strings.Repeat("banané ", 100))
	require.NoError(t, err)
	assert.Equal(t, []rune(" abné"), text.Vocabulary)
	assert.Len(t, text.Train, 654) // 93.5 % of 700, rounded down
	assert.Len(t, text.Test, 46)
	assert.Equal(t, []uint16{2, 1, 3, 1, 3, 4, 0}, text.Train[:7])
	assert.Equal(t, text.Train[654-7*93:][:3], text.Test[:3], "the test part goes on where the training part ends")
}

func TestReadTextNamesTheFault(t *testing.T) {
	_, err := readString("abc\xff" + strings.Repeat("x", 100))
	assert.ErrorContains(t, err, "input.txt: byte 3: the byte 0xff is not UTF-8 text")
	_, err = readString("abc")
	assert.ErrorContains(t, err, "input.txt: byte 3: the text ends after 3 characters")
	var many strings.Builder
	for c := range rune(textMaxVocabulary + 1) {
		many.WriteRune(c)
	}
	_, err = readString(many.String())
	assert.ErrorContains(t, err, "more than 4096 different characters")
}

func FuzzText(f *testing.F) {
	f.Add("")
	f.Add(strings.Repeat("to be or not to be ", 9))
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, s string) {
		text, err := readString(s)
		if err != nil {
			var wrong *FormatError
			require.ErrorAs(t, err, &wrong)
			return
		}
		var again strings.Builder
		for _, id := range append(text.Train, text.Test...) {
			again.WriteRune(text.Vocabulary[id])
		}
		require.Equal(t, s, again.String())
	})
}

func TestTextBatches(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "tinyshakespeare"), 0o777))
	content := strings.Repeat("abcdefghijklm", 100)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tinyshakespeare", "input.txt"), []byte(content), 0o666))
	text, err := LoadText("tinyshakespeare", dir)
	require.NoError(t, err)
	const window, batch = 5, 4
	b, err := NewTextBatches[float32](text, Order{Batch: batch, Window: window, Whole: true})
	require.NoError(t, err)
	// 1215 characters: 242 windows with a successor for each character, 60 whole batches.
	assert.Equal(t, 60, b.Count())
	in, out := make([]int32, window*batch), make([]int32, window*batch)
	require.NoError(t, b.IDs(1, in, out))
	for i := range batch {
		for place := range window {
			at := (batch+i)*window + place
			assert.EqualValues(t, at%13, in[place*batch+i])
			assert.EqualValues(t, (at+1)%13, out[place*batch+i])
		}
	}

	inputs, targets := make([][]float32, window), make([][]float32, window)
	for place := range window {
		inputs[place], targets[place] = make([]float32, batch*13), make([]float32, batch*13)
	}
	n, err := b.Fill(1, inputs, targets)
	require.NoError(t, err)
	assert.Equal(t, batch, n)
	for place := range window {
		for i := range batch {
			for c := range 13 {
				assert.Equal(t, oneIf(in[place*batch+i] == int32(c)), inputs[place][i*13+c])
				assert.Equal(t, oneIf(out[place*batch+i] == int32(c)), targets[place][i*13+c])
			}
		}
	}

	_, err = NewTextBatches[float32](text, Order{Batch: batch})
	assert.ErrorContains(t, err, "windows of 0 characters")
	_, err = NewTextBatches[float32](text, Order{Batch: batch, Window: 5, Augment: true})
	assert.ErrorContains(t, err, "text has no augmentation")
}

func oneIf(b bool) float32 {
	if b {
		return 1
	}
	return 0
}
