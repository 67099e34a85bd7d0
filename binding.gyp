{
  # CMakeLists.txt describes the build. This target only hands over to it, so that `node-gyp rebuild` and
  # prebuildify work too; nothing is listed twice.
  'targets': [
    {
      'target_name': 'numcore',
      'type': 'none',
      'actions': [
        {
          'action_name': 'cmake',
          'inputs': ['CMakeLists.txt'],
          'outputs': ['<(PRODUCT_DIR)/numcore.node'],
          'action': ['npx', 'cmake-js', 'compile', '--out', 'build/native'],
        }
      ],
    }
  ]
}
