# For hands that type make: everything is in ./run.
.PHONY: setup demo test check publish lock
setup demo test check publish lock:
	@./run $@
