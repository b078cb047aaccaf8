//go:build !amd64 || noasm

package round

func shiftedKernel(*shiftedArgs) int { return 0 }

func largestBitsKernel(*searchArgs) bool { return false }
