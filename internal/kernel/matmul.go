package kernel

// MatMul computes the product of two matrices,
//
//	c[i,j] = Σ over l  op(a)[i,l] · op(b)[l,j]
//
// where c is (m, n), op(a) is (m, k) and op(b) is (k, n), all row-major; a is stored as (k, m) if transA and b as (n, k)
// if transB. Terms are taken in ascending l. block is the number of terms of a block of a Blockwise sum (the last block
// may be shorter) and is not used otherwise.
func MatMul[T Float](c, a, b []T, m, n, k int, transA, transB bool, sum Sum, block int, threads int) {
	if m < 0 || n < 0 || k < 0 || len(c) != m*n || len(a) != m*k || len(b) != k*n {
		panic(badLength)
	}
	if sum == Blockwise && block <= 0 {
		panic(badBlock)
	}
	ai, al, bl, bj := k, 1, n, 1
	if transA {
		ai, al = 1, m
	}
	if transB {
		bl, bj = 1, k
	}
	Parallel(m, 1, threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for j := range n {
				acc := accumulator[T]{sum: sum}
				for l := range k {
					acc.add(a[i*ai+l*al], b[l*bl+j*bj])
					if sum == Blockwise && (l+1)%block == 0 {
						acc.endBlock()
					}
				}
				if sum == Blockwise && k%block != 0 {
					acc.endBlock()
				}
				c[i*n+j] = acc.result()
			}
		}
	})
}
