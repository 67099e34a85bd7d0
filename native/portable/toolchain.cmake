# The tools of a binary that is shipped: Debian's g++ 12, for this processor or across, against the C library and the
# libraries of a folder that looks like an old system (NUMCORE_SYSROOT, made by scripts/prebuild/sysroot.mjs).
# Nothing of the machine's own /usr gets in: neither its headers, which would ask for its C library, nor its OpenBLAS.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${NUMCORE_PROCESSOR})
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES NUMCORE_PROCESSOR NUMCORE_SYSROOT)

set(triple ${NUMCORE_PROCESSOR}-linux-gnu)
set(root ${NUMCORE_SYSROOT})
set(CMAKE_SYSROOT ${root})
set(CMAKE_CXX_COMPILER ${triple}-g++-12)
set(CMAKE_STRIP ${triple}-strip)

# As options of the directory, because cmake-js has a say over CMAKE_CXX_FLAGS.
# A Debian compiler looks into its own folders before those of --sysroot, hence every folder by name.
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=include
  OUTPUT_VARIABLE compiler_headers OUTPUT_STRIP_TRAILING_WHITESPACE)
set(headers ${root}/usr/include/c++/12 ${root}/usr/include/${triple}/c++/12 ${compiler_headers}
  ${root}/usr/include/${triple} ${root}/usr/include)
add_compile_options(-nostdinc)
foreach(folder ${headers})
  add_compile_options("SHELL:-isystem \"${folder}\"")
endforeach()

set(libraries ${root}/usr/lib/gcc/${triple}/12 ${root}/usr/lib/${triple} ${root}/lib/${triple})
list(TRANSFORM libraries REPLACE "(.+)" "-L\"\\1\"")
list(JOIN libraries " " libraries)
set(libraries "-B\"${root}/usr/lib/${triple}\" ${libraries}")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "${libraries}")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "${libraries}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "${libraries}")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
