package freememory

import (
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
)

func TestOf(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	files := fstest.MapFS{
		"proc/meminfo":     file("MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    9000 kB\n"),
		"proc/self/cgroup": file("1:name=systemd:/x\n0::/user/job\n"),
	}
	check := func(want int64, why string) {
		t.Helper()
		got, ok := of(files)
		assert.True(t, ok, why)
		assert.Equal(t, want, got, why)
	}
	check(9000<<10, "the machine")
	files["sys/fs/cgroup/user/job/memory.max"] = file("max\n")
	files["sys/fs/cgroup/user/job/memory.current"] = file("1000\n")
	check(9000<<10, "no limit")
	files["sys/fs/cgroup/user/memory.max"] = file("5000000\n")
	files["sys/fs/cgroup/user/memory.current"] = file("2000000\n")
	check(3000000, "the limit of the group above")
	files["sys/fs/cgroup/user/memory.stat"] = file("anon 1800000\ninactive_file 200000\n")
	check(3200000, "a cache gives way")
	files["sys/fs/cgroup/user/job/memory.max"] = file("500\n")
	check(0, "more is used than may be")
	files["sys/fs/cgroup/user/job/memory.max"] = file("what\n")
	check(3200000, "no number")
	files["proc/self/cgroup"] = file("4:memory:/old\n")
	check(9000<<10, "version 1")
	delete(files, "proc/self/cgroup")
	check(9000<<10, "no groups")
	for _, text := range []string{"", "MemAvailable:", "MemAvailable: x kB", "MemAvailable: -4 kB", "MemAvailable: 99999999999999999999 kB"} {
		files["proc/meminfo"] = file(text)
		_, ok := of(files)
		assert.False(t, ok, text)
	}
}

func TestBytes(t *testing.T) {
	bytes, ok := Bytes()
	if runtime.GOOS == "linux" {
		assert.True(t, ok)
		assert.Positive(t, bytes)
	}
}
