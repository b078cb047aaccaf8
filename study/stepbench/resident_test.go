package stepbench

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestResidentMB(t *testing.T) {
	assert.InDelta(t, 1.024, residentMB("Name:\tx\nVmPeak:\t    5000 kB\nVmHWM:\t    1000 kB\nVmRSS:\t 900 kB\n"), 1e-12)
	for _, status := range []string{"", "VmHWM:\t many kB\n", "VmHWM:\n"} {
		assert.Zero(t, residentMB(status))
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		assert.Zero(t, ResidentMB())
		return
	}
	before := ResidentMB()
	memory := make([]byte, 64<<20)
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1
	}
	assert.Greater(t, ResidentMB(), 60.0)
	assert.GreaterOrEqual(t, ResidentMB(), before)
	assert.EqualValues(t, 1, memory[4096])
}

// Less memory than the peer is asked for where both are measured.
func TestMemoryIsMet(t *testing.T) {
	assert.True(t, Result{ResidentMB: 10, PeerResidentMB: 10}.Met())
	assert.False(t, Result{ResidentMB: 11, PeerResidentMB: 10}.Met())
	assert.True(t, Result{ResidentMB: 11}.Met())
}
