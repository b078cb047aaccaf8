package train

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func someRecord(t testing.TB) Record {
	c := small(t, "swalp8", "halp", "mu=2")
	c.Policy, c.Schedule = shipped(t, "halp8"), "step:0.1@5,9"
	s, err := newSession(c)
	require.NoError(t, err)
	return s.record
}

// A record gives the configuration back that it was made of.
func TestRecordRoundTrip(t *testing.T) {
	dir := t.TempDir()
	r := someRecord(t)
	require.NoError(t, r.write(dir))
	got, err := ReadRecord(dir)
	require.NoError(t, err)
	assert.Equal(t, &r, got)

	c, err := got.Config()
	require.NoError(t, err)
	c.Set, c.Build = smallSet(), smallNet
	s, err := newSession(c)
	require.NoError(t, err)
	assert.Equal(t, r, s.record)
	assert.Empty(t, s.record.difference(got))
}

// A record holds nothing that changes from machine to machine.
func TestRecordHoldsNoPathsOrThreads(t *testing.T) {
	dir := t.TempDir()
	c := small(t, "float32", "sgd")
	c.Set, c.Data, c.Steps, c.Threads, c.Out = nil, "synthetic", 1, 3, filepath.Join(dir, "here")
	c.Model, c.Build, c.LimitTrain, c.LimitTest = "logistic", nil, 32, 16
	mustRun(t, c)
	text, err := os.ReadFile(filepath.Join(c.Out, RecordFile))
	require.NoError(t, err)
	assert.NotContains(t, string(text), dir)
	assert.NotContains(t, string(text), "thread")
	assert.Contains(t, string(text), `"checksum": "sha256:`)
	assert.Contains(t, string(text), `"limit_train": 32`)
	assert.Contains(t, string(text), `"lr": "0.1"`, "defaults are recorded")
	other := c
	other.Out, other.Threads = filepath.Join(dir, "there"), 1
	mustRun(t, other)
	again, err := os.ReadFile(filepath.Join(other.Out, RecordFile))
	require.NoError(t, err)
	assert.Equal(t, string(text), string(again))
}

func TestForeignRecords(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "EOF"},
		{"{}", `the format is ""`},
		{`{"halftone": "run/2"}`, `this version reads "run/1"`},
		{`{"halftone": "run/1", "threads": 2}`, `unknown field "threads"`},
		{`{"halftone": "run/1"} {}`, "behind the end"},
		{`{"halftone": "run/1", "steps": "many"}`, "steps"},
	} {
		_, err := parseRecord([]byte(test.text))
		assert.ErrorContains(t, err, test.want, test.text)
	}
	dir := t.TempDir()
	_, err := ReadRecord(dir)
	assert.ErrorContains(t, err, "is no folder of a run")
	require.NoError(t, os.WriteFile(filepath.Join(dir, RecordFile), []byte(strings.Repeat(" ", maxRecord+1)), 0o600))
	_, err = ReadRecord(dir)
	assert.ErrorContains(t, err, "more than 1048576 bytes")
}

func FuzzParseRecord(f *testing.F) {
	dir := f.TempDir()
	r := someRecord(f)
	require.NoError(f, r.write(dir))
	text, err := os.ReadFile(filepath.Join(dir, RecordFile))
	require.NoError(f, err)
	f.Add(text)
	f.Fuzz(func(_ *testing.T, text []byte) {
		r, err := parseRecord(text)
		if err != nil {
			return
		}
		if c, err := r.Config(); err == nil {
			_ = c.Check()
		}
	})
}
