% The peer that is GNU Octave. Reads lines of JSON and answers each with one, see lib/scaling/messages.ts.
1;

% It is ended from outside, and must not leave a file behind when it is.
sigterm_dumps_octave_core(false);
crash_dumps_octave_core(false);

function value = option(setting, name, default)
  if isfield(setting, name)
    value = setting.(name);
  else
    value = default;
  end
end

function run = prepare(task, setting)
  switch task
    case 'inverse'
      rand('seed', 1);
      r = rand(option(setting, 'size', 4000));
      a = r .* r';
      run = @() inv(a);
    case 'matmul'
      n = option(setting, 'size', 4000);
      a = rand(n);
      b = rand(n);
      run = @() a * b;
    case 'solve'
      n = option(setting, 'size', 4000);
      a = rand(n);
      b = cos((0:n - 1)');
      run = @() a \ b;
    case 'eigh'
      r = rand(option(setting, 'size', 1500));
      a = r .* r';
      run = @() eigenvectors(a);
    case 'svd'
      svd_driver('gesdd');  % Divide and conquer, as ours; the default takes more than twice as long.
      a = rand(option(setting, 'size', 1500));
      run = @() singular_vectors(a);
    case 'fft'
      n = option(setting, 'points', 2^22);
      x = complex(rand(n, 1), rand(n, 1));
      run = @() fft(x);
    case 'integral'
      n = option(setting, 'bins', 1e8);
      run = @() integral_in_chunks(n);
    otherwise
      run = [];
  end
end

% A call without outputs would compute values only.
function eigenvectors(a)
  [v, lambda] = eig(a);
end

function singular_vectors(a)
  [u, s, v] = svd(a, 'econ');
end

function total = integral_in_chunks(n)
  h = 1 / n;
  chunk = 2^16;
  total = 0;
  for first = 0:chunk:n - 1
    x = (first + 0.5:min(first + chunk, n) - 0.5) * h;
    total += sum(x .^ 1.5);
  end
  total *= h;
end

% 'OpenBLAS (config: OpenBLAS 0.3.21 ... Haswell MAX_THREADS=64)' without what nobody compares.
function name = blas_name()
  name = version('-blas');
  parts = regexp(name, '(OpenBLAS [\d.]+).* (\w+) MAX_THREADS', 'tokens');
  if ~isempty(parts)
    name = [parts{1}{1} ', ' parts{1}{2} ' kernels'];
  end
end

% jsonencode orders fields as they were made: the type first, by which the parent knows an answer.
function tell(varargin)
  fprintf(stdout, '%s\n', jsonencode(struct(varargin{:})));
  fflush(stdout);
end

run = [];
while true
  line = fgetl(stdin);
  if ~ischar(line)
    break
  end
  if isempty(line)
    continue
  end
  try
    message = jsondecode(line);
    if strcmp(message.type, 'set-up')
      run = prepare(message.task, message.setting);
      if isempty(run)
        tell('type', 'absent', 'message', ['has no ' message.task]);
        continue
      end
      blas = '';
      threads = 1;
      if any(strcmp(message.task, {'inverse', 'matmul', 'solve', 'eigh', 'svd'}))
        blas = blas_name();
        threads = maxNumCompThreads();
      end
      tell('type', 'set', 'size', 0, 'threads', threads, 'version', ['Octave ' version()], 'blas', blas);
    else
      start = tic;
      for i = 1:message.batch
        run();
      end
      tell('type', 'ran', 'seconds', toc(start));
    end
  catch err
    tell('type', 'failed', 'message', err.message);
  end
end
