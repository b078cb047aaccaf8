package kernel

import (
	"syscall"
	"testing"
	"time"
)

// perUnit reports the processor time per unit of work: other processes do not disturb it much.
func perUnit(b *testing.B, unit string, work float64, body func()) {
	body()
	start := processorTime()
	for b.Loop() {
		body()
	}
	spent := processorTime() - start
	if unit == "flop" {
		b.ReportMetric(work*float64(b.N)/float64(spent.Nanoseconds()), "GFLOP/cpu-s")
		return
	}
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/work, "cpu-ns/"+unit)
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano())
}
