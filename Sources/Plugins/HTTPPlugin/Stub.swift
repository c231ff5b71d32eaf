internal import OrderKernel
