//go:build !amd64 || noasm

package round

func sharedRowsKernel(*sharedArgs, bool, bool) bool { return false }

func sharedColumnsKernel(*sharedArgs, bool, bool) bool { return false }

func largestColumnsKernel(*sharedArgs) bool { return false }
