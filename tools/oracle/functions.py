"""Every differentiable public function that JAX has too: its name, the expression here, the expression there, the points."""

TINY, HUGE = 1.1754943508222875e-38, 3.4028234663852886e38
# Where wrong second derivatives hid: zeros, ones, infinities, NaN, the smallest and the largest normal numbers.
SPECIAL = [0, -0.0, 1, -1, 0.5, 2, -3.5, TINY, -TINY, HUGE, -HUGE, "Infinity", "-Infinity", "NaN"]
# Points at which all functions of a kind are smooth.
REAL = [0.3, -0.7, 1.6, -2.2, 0.9]
POSITIVE = [0.3, 0.7, 1.6, 2.2, 5]
UNIT = [0.3, -0.7, 0.1, -0.45, 0.9]
SECOND = [1.2, 0.4, -0.6, 0.8, 1.7]
MATRIX = [[0.3, -0.7, 1.6], [-2.2, 0.9, 0.4]]
# Ties, zeros and ones.
TIED = [[1, 1, 0], [0, 0, 0], [2, -1, 2]]
PAIRS = [(x, y) for x in [0, 1, -1, 2, TINY, "Infinity", "-Infinity", "NaN"] for y in [0, 1, -1, 2, TINY, "Infinity", "-Infinity", "NaN"]]
TIES = [(x, y) for x in [0, 1, -1, 2] for y in [0, 1, -1, 2]]


def unary(name, js, py, smooth):
    yield case(f"{name}, special", name, js, py, [SPECIAL])
    yield case(f"{name}, smooth", name, js, py, [smooth])


def binary(name, js, py, first=REAL, second=SECOND):
    yield case(f"{name}, special", name, js, py, [[x for x, _ in PAIRS], [y for _, y in PAIRS]])
    yield case(f"{name}, ties", name, js, py, [[x for x, _ in TIES], [y for _, y in TIES]])
    yield case(f"{name}, smooth", name, js, py, [first, second])


def arrays(name, js, py, *smooth, tied=True):
    if tied:
        yield case(f"{name}, ties", name, js, py, [TIED for _ in smooth])
    yield case(f"{name}, smooth", name, js, py, list(smooth))


def case(id, name, js, py, args):
    return {"id": id, "name": name, "js": js, "py": py, "args": args, "f": [True] * len(args), "mode": "gg"}


UNARY = [
    ("abs", "abs", REAL), ("negative", "negative", REAL), ("square", "square", REAL), ("sqrt", "sqrt", POSITIVE),
    ("exp", "exp", REAL), ("exp2", "exp2", REAL), ("expm1", "expm1", REAL), ("log", "log", POSITIVE),
    ("log10", "log10", POSITIVE), ("log1p", "log1p", POSITIVE), ("log2", "log2", POSITIVE), ("reciprocal", "reciprocal", POSITIVE),
    ("sin", "sin", REAL), ("cos", "cos", REAL), ("tan", "tan", UNIT), ("arcsin", "arcsin", UNIT), ("arccos", "arccos", UNIT),
    ("arctan", "arctan", REAL), ("sinh", "sinh", REAL), ("cosh", "cosh", REAL), ("tanh", "tanh", REAL),
    ("sign", "sign", REAL), ("floor", "floor", REAL), ("ceil", "ceil", REAL), ("round", "round", REAL), ("trunc", "trunc", REAL),
]
BINARY = [
    ("add", "add"), ("subtract", "subtract"), ("multiply", "multiply"), ("divide", "divide"), ("maximum", "maximum"),
    ("minimum", "minimum"), ("logaddexp", "logaddexp"), ("arctan2", "arctan2"), ("fmod", "fmod"), ("remainder", "remainder"),
    ("floorDivide", "floor_divide"),
]
# Functions of one array: here, there.
OF_ARRAY = [
    ("sum", "np.sum(x,1)", "np.sum(x,1)"), ("prod", "np.prod(x,1)", "np.prod(x,1)"), ("max", "np.max(x,1)", "np.max(x,1)"),
    ("min", "np.min(x,1)", "np.min(x,1)"), ("mean", "np.mean(x,1)", "np.mean(x,1)"), ("variance", "np.variance(x,1)", "np.var(x,1)"),
    ("std", "np.std(x,1)", "np.std(x,1)"), ("cumsum", "np.cumsum(x,1)", "np.cumsum(x,1)"), ("cumprod", "np.cumprod(x,1)", "np.cumprod(x,1)"),
    ("diff", "np.square(np.diff(x))", "np.square(np.diff(x))"), ("sort", "np.square(np.sort(x))", "np.square(np.sort(x))"),
    ("transpose", "np.square(np.transpose(x))", "np.square(x.T)"), ("swapaxes", "np.square(np.swapaxes(x,0,1))", "np.square(np.swapaxes(x,0,1))"),
    ("moveaxis", "np.square(np.moveaxis(x,0,1))", "np.square(np.moveaxis(x,0,1))"), ("reshape", "np.square(np.reshape(x,[-1]))", "np.square(np.reshape(x,(-1,)))"),
    ("ravel", "np.square(np.ravel(x))", "np.square(np.ravel(x))"), ("expandDims", "np.square(np.expandDims(x,0))", "np.square(np.expand_dims(x,0))"),
    ("squeeze", "np.square(np.squeeze(np.expandDims(x,0)))", "np.square(np.squeeze(np.expand_dims(x,0)))"),
    ("broadcastTo", "np.square(np.broadcastTo(np.expandDims(x,0),[2,...x.shape]))", "np.square(np.broadcast_to(x[None],(2,)+x.shape))"),
    ("flip", "np.square(np.flip(x,1))", "np.square(np.flip(x,1))"), ("roll", "np.square(np.roll(x,1,1))", "np.square(np.roll(x,1,1))"),
    ("repeat", "np.square(np.repeat(x,2,1))", "np.square(np.repeat(x,2,1))"), ("tile", "np.square(np.tile(x,[2,1]))", "np.square(np.tile(x,(2,1)))"),
    ("pad", "np.square(np.pad(x,1,2))", "np.square(np.pad(x,1,constant_values=2))"), ("tril", "np.square(np.tril(x))", "np.square(np.tril(x))"),
    ("triu", "np.square(np.triu(x))", "np.square(np.triu(x))"), ("trace", "np.square(np.trace(x))", "np.square(np.trace(x))"),
    ("diag", "np.square(np.diag(x))", "np.square(np.diag(x))"), ("diagonal", "np.square(np.diagonal(x,1))", "np.square(np.diagonal(x,1))"),
    ("split", "np.prod(np.stack(np.split(x,3,1)),0)", "np.prod(np.stack(np.split(x,3,1)),0)"), ("stack", "np.square(np.stack([x,x]))", "np.square(np.stack([x,x]))"),
    ("concatenate", "np.square(np.concatenate([x,x]))", "np.square(np.concatenate([x,x]))"),
    ("index", "np.square(np.index(x,0))", "np.square(x[0])"), ("at", "np.square(np.at(x,0).set(3))", "np.square(x.at[0].set(3))"),
    ("take", "np.square(np.take(x,np.array([0,0,1],'i32'),0))", "np.square(np.take(x,np.array([0,0,1]),0))"),
    ("takeAlongAxis", "np.square(np.takeAlongAxis(x,np.argsort(x,1),1))", "np.square(np.take_along_axis(x,np.argsort(x,1),1))"),
    ("clip", "np.square(np.clip(x,0,1))", "np.square(np.clip(x,0,1))"), ("astype", "np.square(np.astype(x,'f32'))", "np.square(x.astype('float32'))"),
    ("array", "np.square(np.array(x))", "np.square(np.array(x))"), ("full", "np.square(np.full([2,...x.shape],x))", "np.square(np.full((2,)+x.shape,x))"),
    ("fullLike", "np.square(np.fullLike(x,np.sum(x)))", "np.square(np.full_like(x,np.sum(x)))"),
]
OF_TWO = [
    ("dot", "np.dot(x,np.transpose(y))", "np.dot(x,y.T)"), ("matmul", "np.matmul(x,np.transpose(y))", "np.matmul(x,y.T)"),
    ("inner", "np.inner(x,y)", "np.inner(x,y)"), ("outer", "np.outer(x,y)", "np.outer(x,y)"), ("vdot", "np.vdot(x,y)", "np.vdot(x,y)"),
    ("tensordot", "np.tensordot(x,y,2)", "np.tensordot(x,y,2)"), ("einsum", "np.einsum('ij,ij->i',x,y)", "np.einsum('ij,ij->i',x,y)"),
    ("where", "np.square(np.where(np.greater(x,y),x,y))", "np.square(np.where(x>y,x,y))"),
]
LAX_UNARY = [("erf", "lax.erf", REAL), ("erfInv", "lax.erf_inv", UNIT), ("logistic", "lax.logistic", REAL), ("rsqrt", "lax.rsqrt", POSITIVE)]
LAX = [
    ("stopGradient", "np.multiply(x,lax.stopGradient(x))", "x*lax.stop_gradient(x)"), ("convertElementType", "np.square(lax.convertElementType(x,'f32'))", "np.square(x)"),
    ("reduceSum", "np.square(lax.reduceSum(x,[1]))", "np.square(np.sum(x,1))"), ("reduceProduct", "lax.reduceProduct(x,[1])", "np.prod(x,1)"),
    ("reduceMax", "np.square(lax.reduceMax(x,[1]))", "np.square(np.max(x,1))"), ("reduceMin", "np.square(lax.reduceMin(x,[1]))", "np.square(np.min(x,1))"),
    ("topK", "np.square(lax.topK(x,2)[0])", "np.square(lax.top_k(x,2)[0])"), ("sortKeyValue", "np.square(lax.sortKeyValue(x,x)[1])", "np.square(lax.sort_key_val(x,x)[1])"),
    ("slice", "np.square(lax.slice(x,[0,0],[2,3],[1,2]))", "np.square(lax.slice(x,(0,0),(2,3),(1,2)))"), ("sliceInDim", "np.square(lax.sliceInDim(x,0,1))", "np.square(x[0:1])"),
    ("dynamicSlice", "np.square(lax.dynamicSlice(x,[0,1],[1,2]))", "np.square(lax.dynamic_slice(x,(0,1),(1,2)))"),
    ("dynamicSliceInDim", "np.square(lax.dynamicSliceInDim(x,1,1))", "np.square(lax.dynamic_slice_in_dim(x,1,1))"),
    ("dynamicIndexInDim", "np.square(lax.dynamicIndexInDim(x,-1))", "np.square(lax.dynamic_index_in_dim(x,-1,keepdims=False))"),
    ("dynamicUpdateSlice", "np.square(lax.dynamicUpdateSlice(x,np.multiply(np.index(x,np.slice(0,1)),3),[1,0]))", "np.square(lax.dynamic_update_slice(x,x[:1]*3,(1,0)))"),
    ("dynamicUpdateSliceInDim", "np.square(lax.dynamicUpdateSliceInDim(x,np.multiply(np.index(x,np.slice(0,1)),3),1))", "np.square(lax.dynamic_update_slice_in_dim(x,x[:1]*3,1,0))"),
    ("broadcastInDim", "np.square(lax.broadcastInDim(x,[2,...x.shape],[1,2]))", "np.square(np.broadcast_to(x,(2,)+x.shape))"), ("rev", "np.square(lax.rev(x,[1]))", "np.square(lax.rev(x,(1,)))"),
    ("pad", "np.square(lax.pad(x,2,[1,0],[0,-1],[0,1]))", "np.square(lax.pad(x,2.,[(1,0,0),(0,-1,1)]))"),
    ("gather", "np.square(lax.gather(x,np.array([1,1,0],'i32')))", "np.square(x[np.array([1,1,0])])"),
    ("scatterAdd", "np.square(lax.scatterAdd(x,np.array([1,1],'i32'),np.index(x,np.slice(0,2))))", "np.square(x.at[np.array([1,1])].add(x[:2]))"),
    ("dotGeneral", "lax.dotGeneral(x,x,{lhsBatch:[0],rhsBatch:[0],lhsContract:[1],rhsContract:[1]})", "np.einsum('ij,ij->i',x,x)"),
    ("concatenate", "np.square(lax.concatenate([x,x],1))", "np.square(np.concatenate([x,x],1))"), ("expandDims", "np.square(lax.expandDims(x,0))", "np.square(x[None])"),
    ("reshape", "np.square(lax.reshape(x,[-1]))", "np.square(np.ravel(x))"), ("squeeze", "np.square(lax.squeeze(lax.expandDims(x,0),0))", "np.square(x)"),
    ("transpose", "np.square(lax.transpose(x,[1,0]))", "np.square(x.T)"), ("map", "lax.map((row)=>np.prod(row),x)", "np.prod(x,1)"),
    ("scan", "lax.scan((c,r)=>[np.multiply(c,r),c],np.ones([3]),x)[0]", "np.prod(x,0)"), ("foriLoop", "lax.foriLoop(0,2,(_,c)=>np.multiply(c,x),x)", "x*x*x"),
    ("cond", "lax.cond(np.greater(np.sum(x),0),(v)=>np.square(v),(v)=>np.exp(v),x)", "lax.cond(np.sum(x)>0,np.square,np.exp,x)"),
    ("switchCase", "lax.switchCase(np.array(1,'i32'),[(v)=>v,(v)=>np.sin(v)],x)", "np.sin(x)"),
]
NN_UNARY = [
    ("relu", "relu(x)", "relu(x)", REAL), ("gelu", "gelu(x)", "gelu(x)", REAL), ("sigmoid", "sigmoid(x)", "sigmoid(x)", REAL),
    ("silu", "silu(x)", "silu(x)", REAL), ("softplus", "softplus(x)", "softplus(x)", REAL), ("leakyRelu", "leakyRelu(x)", "leaky_relu(x)", REAL),
    ("gelu exact", "gelu(x,{approximate:false})", "gelu(x,approximate=False)", REAL),
]
NN = [
    ("softmax", "nn.softmax(x)", "nn.softmax(x)"), ("logSoftmax", "nn.logSoftmax(x)", "nn.log_softmax(x)"),
    ("logSumExp", "nn.logSumExp(x,-1)", "jax.scipy.special.logsumexp(x,-1)"), ("glu", "nn.glu(np.concatenate([x,x],1))", "nn.glu(np.concatenate([x,x],1))"),
    ("rmsNorm", "nn.rmsNorm({gamma:np.ones([3])},x)", "x/np.sqrt(np.mean(x*x,-1,keepdims=True)+1e-6)"),
    ("layerNorm", "nn.layerNorm({gamma:np.ones([3]),beta:np.zeros([3])},x)", "(x-np.mean(x,-1,keepdims=True))/np.sqrt(np.var(x,-1,keepdims=True)+1e-6)"),
    ("softmaxCrossEntropy", "nn.softmaxCrossEntropy(x,np.zeros(x.shape.slice(0,1),'i32'))", "-nn.log_softmax(x)[:,0]"),
    ("embedding", "np.square(nn.embedding({table:x},np.array([1,1],'i32')))", "np.square(x[np.array([1,1])])"),
    ("learnedPositions", "np.square(nn.learnedPositions({table:x},np.array([1,0],'i32')))", "np.square(x[np.array([1,0])])"),
    ("axialPositions", "np.square(nn.axialPositions({tables:[x,x]},np.array([1,0],'i32')))", "np.square(np.concatenate([x[np.array([0,0])],x[np.array([1,0])]],-1))"),
    ("tiedLogits", "nn.tiedLogits({table:x},x)", "x@x.T"), ("dense", "nn.dense({kernel:np.transpose(x),bias:np.index(np.transpose(x),0)},x)", "x@x.T+x.T[0]"),
]
OPTIM = [
    ("globalNorm", "optim.globalNorm([x,x])", "np.sqrt(2*np.sum(x*x))"), ("applyUpdates", "np.square(optim.applyUpdates(x,x))", "np.square(2*x)"),
]
RANDOM = [
    ("uniform", "random.uniform(random.key(0),[5],x,y)", "jax.random.uniform(jax.random.key(0),(5,),minval=x,maxval=y)", [0.3, -0.7, 1.6, -2.2, 0.9], [1.3, 0.7, 2.6, 2.2, 1.9]),
    ("truncatedNormal", "random.truncatedNormal(random.key(0),x,y,[5])", "jax.random.truncated_normal(jax.random.key(0),x,y,(5,))", [-1.3, -0.7, -1.6, -2.2, 0.1], [1.3, 0.7, 2.6, 2.2, 1.9]),
]


def all_cases():
    for js, py, smooth in UNARY:
        yield from unary(f"numpy.{js}", f"np.{js}(x)", f"np.{py}(x)", smooth)
    for js, py in BINARY:
        yield from binary(f"numpy.{js}", f"np.{js}(x,y)", f"np.{py}(x,y)")
    yield from binary("numpy.power", "np.power(x,y)", "np.power(x,y)", POSITIVE)
    for n in [0, 1, 2, 3, -1, -2, -3]:
        yield case(f"numpy.power to {n}", "numpy.power", f"np.power(x,{n})", f"np.power(x,{n})", [SPECIAL])
    for name, js, py in OF_ARRAY:
        yield from arrays(f"numpy.{name}", js, py, MATRIX)
    for name, js, py in OF_TWO:
        yield from arrays(f"numpy.{name}", js, py, MATRIX, [[0.5, 0.2, -0.1], [1.2, -0.3, 0.8]])
    for js, py, smooth in LAX_UNARY:
        yield from unary(f"lax.{js}", f"lax.{js}(x)", f"{py}(x)", smooth)
    yield from binary("lax.clamp", "lax.clamp(y,x,2)", "lax.clamp(y,x,np.full_like(x,2))")
    yield from binary("lax.select", "lax.select(np.less(x,y),x,y)", "np.where(x<y,x,y)")
    for name, js, py in LAX:
        yield from arrays(f"lax.{name}", js, py, MATRIX)
    for name, js, py, smooth in NN_UNARY:
        label = f"nn.{name}"
        for each in unary(label, f"nn.{js}", f"nn.{py}", smooth):
            yield {**each, "name": label.split(" ")[0]}
    for name, js, py in NN:
        yield from arrays(f"nn.{name}", js, py, MATRIX)
    for name, js, py in OPTIM:
        yield from arrays(f"optim.{name}", js, py, MATRIX)
    for name, js, py, x, y in RANDOM:
        yield case(f"random.{name}, smooth", f"random.{name}", js, py, [x, y])
