//go:build unix

package kerneltest

import (
	"syscall"
	"testing"
	"time"
)

// PerUnit reports the processor time per unit of work: other processes do not disturb it much.
func PerUnit(b *testing.B, unit string, work float64, body func()) {
	body()
	start := ProcessorTime()
	for b.Loop() {
		body()
	}
	spent := ProcessorTime() - start
	if unit == "flop" {
		b.ReportMetric(work*float64(b.N)/float64(spent.Nanoseconds()), "GFLOP/cpu-s")
		return
	}
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/work, "cpu-ns/"+unit)
}

// ProcessorTime is the time that the process has run on processors in user mode.
func ProcessorTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano())
}
