package stepbench

import (
	"os"
	"strconv"
	"strings"
)

// ResidentMB is the most memory that this process has had in RAM so far, in megabytes; 0 where the system keeps no such
// count in /proc. (What getrusage tells of a process that another one started includes that one's memory.)
func ResidentMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	return residentMB(string(status))
}

// residentMB reads the line "VmHWM:  12345 kB", in units of 1024 bytes.
func residentMB(status string) float64 {
	for line := range strings.Lines(status) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == "VmHWM:" {
			if kilobytes, err := strconv.ParseFloat(fields[1], 64); err == nil {
				return kilobytes * 1024 / 1e6
			}
		}
	}
	return 0
}
